import type { DurationMs } from '../../../model/clock.ts'
import type { LoadLevel } from '../../../model/load.ts'

interface Limits {
  /** Mean lateness of steps, as a share of the step interval, from which the level is reached. */
  from: number
  /** Below this lateness the level ends. Well under `from`, so that the measure of a level, which lowers the lateness, does not end it. */
  below: number
  /** How long the level before it has lasted, in ms, before this level can follow: its measure must have had time to act. */
  afterMs: DurationMs
}

/**
 * Limits of the levels 1 to 4. At 20 Hz a step is 50 ms.
 * - 1: 7.5 ms late on average, more than one stall of 100 ms makes. Players do not notice it yet, and do not notice that what is far is shown less often.
 * - 2: 10 ms late: `bench overload` shows the delay of inputs rising from there.
 * - 3: 17 ms late with half the snapshots. More players would make it worse for everybody there.
 * - 4: half a step late for 5 s without newcomers: it does not end by itself. Moves cost players a moment, so the wait is the longest.
 */
const levels: readonly Limits[] = [
  { from: 0.15, below: 0.06, afterMs: 0 },
  { from: 0.2, below: 0.08, afterMs: 1_000 },
  { from: 0.35, below: 0.15, afterMs: 2_000 },
  { from: 0.5, below: 0.25, afterMs: 5_000 },
]

/** A level ends when the lateness was below its limit for this long, in ms: a quiet second between two waves is no recovery. */
const CALM_MS: DurationMs = 3_000

/**
 * Says from late simulation steps how short of CPU a room is, because its own process or its node is busy or a container limit throttles it. It climbs and
 * descends one level at a time.
 */
export class LoadLevels {
  readonly #stepMs: DurationMs
  #last: number | undefined
  /** Exponential moving average in ms, over about one second. */
  #lateMs = 0
  #level: LoadLevel = 0
  #since = 0
  #calmSince: number | undefined

  constructor(tickRate: number) {
    this.#stepMs = 1000 / tickRate
  }

  get level(): LoadLevel {
    return this.#level
  }

  /** Call at each step, with `nowMs` from a monotonic clock. Catch-up steps that follow a late step at once do not count as late. Returns how late the step was. */
  step(nowMs: number): DurationMs {
    const late = this.#last === undefined ? 0 : Math.max(0, nowMs - this.#last - this.#stepMs)
    this.#last = nowMs
    this.#lateMs += (late - this.#lateMs) * (this.#stepMs / 1000)
    const share = this.#lateMs / this.#stepMs
    const next = levels[this.#level]
    if (next !== undefined && share >= next.from && nowMs - this.#since >= next.afterMs) this.#change(1, nowMs)
    else this.#descend(share, nowMs)
    return late
  }

  #descend(share: number, nowMs: number): void {
    const present = levels[this.#level - 1]
    if (present === undefined || share >= present.below) {
      this.#calmSince = undefined
      return
    }
    this.#calmSince ??= nowMs
    if (nowMs - this.#calmSince >= CALM_MS) this.#change(-1, nowMs)
  }

  #change(by: 1 | -1, nowMs: number): void {
    this.#level = (this.#level + by) as LoadLevel // `levels` has no entry beyond 4, and below 1 there is no present level
    this.#since = nowMs
    this.#calmSince = undefined
  }
}
