import type { DurationMs, Instant } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import type { LineEntry, LinePosition } from '../../model/line.ts'
import { Advance, type Pace } from './advance.ts'
import { quantile, Residuals } from './residuals.ts'

/** Whoever is not seen for so long has left or is answered by another matchmaker. */
const FORGET_MS: DurationMs = 2 * 60_000
const MOST_TRACKED = 20_000
/** Predictions kept of one wait, to be compared with what came. */
const MOST_PREDICTIONS = 6
/** Fewer places than this are chance. */
const LEAST_WAY = 4
/** Seats come free in bursts (a party leaves, a copy opens): more scattered than one by one. */
const DISPERSION = 2
/** By so much of itself a pace changes before a wait is over, whatever the chance of single seats: a long line's range is as wide as this. */
const DRIFT = 0.25
const Z90 = 1.2816
/** Learned for nine in ten; short waits end first, and all of a line end early or late together, so that what was learned is too narrow. */
const LEARNED_90 = 0.92
/** For the same reason the range is never narrower than this many deviations. */
const LEAST_WIDTH = 1

interface Prediction extends Pace {
  at: Instant
  position: number
  /** It was compared with what came when half of the way was gone. */
  halfway: boolean
}

interface Seen {
  position: number
  last: Instant
  /** How many had left the line by then. */
  went: number
  predictions: Prediction[]
}

interface Line {
  advance: Advance
  seen: Map<string, Seen>
  residuals: Residuals
}

/**
 * How long the wait will be. The mean comes from the pace at which the line moves now (`advance.ts`); the range is learned: when somebody
 * has half of their way behind them, and when their wait ends, what they had been told is compared with what came, in units of the
 * deviation that chance and a drifting pace have; the quantiles of that are the next range's. So a line that goes faster and faster is
 * told shorter waits before the first long one is over. Lost without harm when the process restarts.
 */
export class WaitEstimate {
  readonly #lines = new Map<MapName, Line>()

  /** Heard of the line: it is so long now. */
  lengthIs(map: MapName, length: number, now: Instant): void {
    this.#line(map).advance.lengthIs(length, now)
  }

  /** A position that was seen; -1 for whoever was just promoted. */
  observe({ map, id }: Pick<LineEntry, 'map' | 'id'>, position: number, now: Instant): void {
    const line = this.#line(map)
    const { advance, seen } = line
    const before = seen.get(id)
    const known = before !== undefined && now - before.last < FORGET_MS ? before : undefined
    if (known !== undefined && now > known.last) advance.gained(Math.max(0, known.position - position), advance.went - known.went, now)
    for (const prediction of known?.predictions ?? []) learn(line, prediction, position, now)
    // Deleted first, so that the key moves to the end: the oldest are forgotten first.
    seen.delete(id)
    if (position < 0) return
    const predictions = known?.predictions ?? []
    // The first ones reach farthest; of the others those of halving positions are enough.
    const tells = known === undefined || predictions.length === 0 || position <= known.position / 2
    const pace = tells && predictions.length < MOST_PREDICTIONS ? advance.pace(now) : undefined
    if (pace !== undefined) predictions.push({ ...pace, at: now, position, halfway: false })
    seen.set(id, { position, last: now, went: advance.went, predictions })
    if (seen.size > MOST_TRACKED) for (const oldest of seen.keys()) return void seen.delete(oldest)
  }

  estimate(map: MapName, position: number, now: Instant): LinePosition['waitMs'] {
    const { advance, residuals } = this.#line(map)
    const pace = advance.pace(now)
    if (pace === undefined || pace.perMs === 0) return 'unknown'
    const { meanMs, deviationMs } = timeFor(position + 1, pace)
    const learned = residuals.recent(now)
    const low = learned === undefined ? 0 : quantile(learned, 0.5)
    const high = Math.max(low + LEAST_WIDTH, learned === undefined ? Z90 : quantile(learned, LEARNED_90))
    const at = (z: number): number => Math.max(0, Math.round(meanMs + z * deviationMs))
    return { p50: at(low), p90: at(high) }
  }

  #line(map: MapName): Line {
    const line = this.#lines.get(map) ?? { advance: new Advance(), seen: new Map<string, Seen>(), residuals: new Residuals() }
    this.#lines.set(map, line)
    return line
  }
}

/** Once at half of the way, and once at its end. */
function learn({ residuals }: Line, prediction: Prediction, position: number, now: Instant): void {
  const way = prediction.position - position
  if (way < LEAST_WAY || prediction.perMs === 0) return
  if (position >= 0 && (prediction.halfway || way < (prediction.position + 1) / 2)) return
  prediction.halfway = true
  const { meanMs, deviationMs } = timeFor(way, prediction)
  residuals.add((now - prediction.at - meanMs) / deviationMs, now)
}

/** For n places of a process that is known from N: the sum's own chance, that of the pace, and what the pace drifts. */
function timeFor(places: number, { perMs, places: known }: Pace): { meanMs: number; deviationMs: number } {
  const meanMs = places / perMs
  return { meanMs, deviationMs: Math.sqrt(DISPERSION * places * (1 + places / Math.max(1, known))) / perMs + DRIFT * meanMs }
}
