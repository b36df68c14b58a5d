import type { DurationMs, Instant } from '../../../model/clock.ts'
import { CONSTANTS } from '../../../score/constants.ts'

/** Usual population of a map by quarter-hour of the day (UTC), learned over days; `undefined` for a quarter-hour that is not known yet. */
export interface DayShape {
  quarters: readonly (number | undefined)[]
  /** Samples of the current quarter-hour; they are merged into `quarters` when it is over. Absent when the shape has just been loaded from the store. */
  open?: { quarter: number; sum: number; count: number }
}

const QUARTER_MS: DurationMs = 900_000
/** Quarter-hours of a day. */
const QUARTERS = 96

/** Adds the present population. */
export function learnShape(shape: DayShape | undefined, players: number, now: Instant, { dayLearning } = CONSTANTS): DayShape {
  const quarter = Math.floor(now / QUARTER_MS)
  if (shape?.open === undefined) return { quarters: shape?.quarters ?? [], open: { quarter, sum: players, count: 1 } }
  const { open } = shape
  if (open.quarter === quarter) return { quarters: shape.quarters, open: { quarter, sum: open.sum + players, count: open.count + 1 } }
  const quarters = Array.from({ length: QUARTERS }, (_, index) => shape.quarters[index])
  const [index, mean] = [open.quarter % QUARTERS, open.sum / open.count]
  const usual = quarters[index]
  quarters[index] = usual === undefined ? mean : usual + dayLearning * (mean - usual)
  return { quarters, open: { quarter, sum: players, count: 1 } }
}

/** Largest usual growth within `ahead` from this time of day, as a share of the usual population; 0 when it shrinks or is not known. */
export function shapeGrowth({ quarters }: DayShape, now: Instant, ahead: DurationMs): number {
  const usual = at(quarters, now)
  if (usual === undefined || usual < 1) return 0
  let most = 0
  for (let t = Math.min(QUARTER_MS, ahead); t <= ahead; t += QUARTER_MS) most = Math.max(most, ((at(quarters, now + t) ?? 0) - usual) / usual)
  return most
}

/** Usual population at this time of day; undefined when it is not known. */
export function usualAt({ quarters }: DayShape, instant: Instant): number | undefined {
  return at(quarters, instant)
}

/** Usual population at an instant, interpolated linearly between the middles of two quarter-hours. */
function at(quarters: DayShape['quarters'], instant: Instant): number | undefined {
  const position = instant / QUARTER_MS - 1 / 2
  const before = Math.floor(position)
  const [a, b] = [quarters[before % QUARTERS], quarters[(before + 1) % QUARTERS]]
  if (a === undefined || b === undefined) return undefined
  return a + (position - before) * (b - a)
}
