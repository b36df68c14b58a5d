import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'
import type { LineEntry, LinePosition } from '../../../model/line.ts'
import { AnswerCounts } from './answerCounts.ts'
import { Calibration } from './calibration.ts'
import { LinePace, STEP_MS } from './linePace.ts'

/** A place not seen for this long, in ms, has left the line or polls another matchmaker. */
const FORGET_MS: DurationMs = 2 * 60_000
/** Most places tracked per line. */
const MAX_TRACKED = 20_000
/** Least number of expected turns in a backtest. With fewer, chance decides the result. */
const MIN_TURNS = 4
/** Horizons of the backtests, in steps: 4 s, 8 s, … 256 s. */
const HORIZONS: readonly number[] = [4, 8, 16, 32, 64, 128, 256].map((seconds) => (seconds * 1_000) / STEP_MS)

interface Seen {
  position: number
  last: Instant
  /** Total turns at that time. */
  turns: number
}

interface Line {
  pace: LinePace
  calibration: Calibration
  answers: AnswerCounts
  seen: Map<string, Seen>
  comparedAt: Instant
}

/**
 * Estimates the wait of each place. The mean comes from the current pace of the line (`linePace.ts`). The width of the range is learned
 * (`calibration.ts`) by backtests: the estimate that would have been given seconds or minutes ago, compared with the turns since. No wait has to end
 * first, so the first ranges are right before the first long wait is over.
 * The state is lost when the process restarts, without harm: a few seconds restore it.
 */
export class WaitEstimate {
  readonly #lines = new Map<MapName, Line>()

  /** A place was promoted, by any matchmaker. */
  recordTurn(map: MapName, now: Instant): void {
    const line = this.#line(map)
    line.pace.recordTurn(now)
    compare(line, now)
  }

  /** The position of a place at one poll. */
  recordPosition({ map, id }: Pick<LineEntry, 'map' | 'id'>, position: number, now: Instant): void {
    const { pace, seen } = this.#line(map)
    const before = seen.get(id)
    if (before !== undefined && now > before.last && now - before.last < FORGET_MS) {
      pace.recordGain(Math.max(0, before.position - position), pace.turns - before.turns, now)
    }
    // Deleted first, so that the key moves to the end: the key that was not set for longest is dropped first.
    seen.delete(id)
    if (position < 0) return
    seen.set(id, { position, last: now, turns: pace.turns })
    if (seen.size > MAX_TRACKED) for (const oldest of seen.keys()) return void seen.delete(oldest)
  }

  /** A place was promoted: it gained all places ahead of it. */
  recordPromotion(entry: Pick<LineEntry, 'map' | 'id'>, now: Instant): void {
    this.recordPosition(entry, -1, now)
  }

  estimate(map: MapName, position: number, now: Instant): LinePosition['waitMs'] {
    const line = this.#line(map)
    compare(line, now)
    const turns = (position + 1) / line.pace.placesPerTurn
    const measured = line.pace.pace(turns, now)
    if (measured === undefined) return 'unknown'
    line.answers.record(stepOf(now))
    return line.calibration.range({ turns, known: measured.turns, meanMs: turns / measured.perMs })
  }

  #line(map: MapName): Line {
    const line = this.#lines.get(map) ?? {
      pace: new LinePace(),
      calibration: new Calibration(),
      answers: new AnswerCounts(),
      seen: new Map<string, Seen>(),
      comparedAt: 0,
    }
    this.#lines.set(map, line)
    return line
  }
}

/** Runs the backtests, once per step. */
function compare(line: Line, now: Instant): void {
  if (now - line.comparedAt < STEP_MS) return
  line.comparedAt = now
  const last = stepOf(now) - 1
  for (const steps of HORIZONS) {
    const past = line.pace.backtest(steps, now)
    if (past === undefined) return
    const { pace, turns, tookMs } = past
    if (pace.perMs * tookMs < MIN_TURNS) continue
    // A line without a turn in this time counts as one turn, the upper bound of its pace.
    const forecast = { turns: Math.max(1, turns), known: pace.turns, meanMs: Math.max(1, turns) / pace.perMs }
    line.calibration.learn(forecast, tookMs, line.answers.weight(last - steps), now)
  }
}

function stepOf(now: Instant): number {
  return Math.floor(now / STEP_MS)
}
