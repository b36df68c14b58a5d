import type { DurationMs, Instant } from '../../../model/clock.ts'

/** How full a map usually is at each quarter of an hour of the day (UTC), learned over days; `undefined` where nothing is known yet. */
export interface DayShape {
  quarters: readonly (number | undefined)[]
  /** What the present quarter has shown so far; it is learned when the quarter is over. Absent: nothing yet, the rest was stored in an earlier term. */
  open?: { quarter: number; sum: number; count: number }
}

const QUARTER_MS: DurationMs = 900_000
const QUARTERS = 96
/** Yesterday weighs a third, so that a week of habits outlasts one odd evening. */
const LEARNING = 1 / 3

/** Adds what is seen now. */
export function learnShape(shape: DayShape | undefined, players: number, now: Instant): DayShape {
  const quarter = Math.floor(now / QUARTER_MS)
  if (shape?.open === undefined) return { quarters: shape?.quarters ?? [], open: { quarter, sum: players, count: 1 } }
  const { open } = shape
  if (open.quarter === quarter) return { quarters: shape.quarters, open: { quarter, sum: open.sum + players, count: open.count + 1 } }
  const quarters = Array.from({ length: QUARTERS }, (_, index) => shape.quarters[index])
  const [index, mean] = [open.quarter % QUARTERS, open.sum / open.count]
  const usual = quarters[index]
  quarters[index] = usual === undefined ? mean : usual + LEARNING * (mean - usual)
  return { quarters, open: { quarter, sum: players, count: 1 } }
}

/** By which share of itself the population usually grows, at most, within `ahead` of this time of day; 0 when it shrinks, or is not known. */
export function shapeGrowth({ quarters }: DayShape, now: Instant, ahead: DurationMs): number {
  const usual = at(quarters, now)
  if (usual === undefined || usual < 1) return 0
  let most = 0
  for (let t = Math.min(QUARTER_MS, ahead); t <= ahead; t += QUARTER_MS) most = Math.max(most, ((at(quarters, now + t) ?? 0) - usual) / usual)
  return most
}

/** Between the middles of two quarters in a straight line. */
function at(quarters: DayShape['quarters'], instant: Instant): number | undefined {
  const position = instant / QUARTER_MS - 0.5
  const before = Math.floor(position)
  const [a, b] = [quarters[before % QUARTERS], quarters[(before + 1) % QUARTERS]]
  if (a === undefined || b === undefined) return undefined
  return a + (position - before) * (b - a)
}
