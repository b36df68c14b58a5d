import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import { type DayShape, shapeGrowth } from './dayShape.ts'

export interface Sample {
  at: Instant
  players: number
}

export interface Forecast {
  /** Players that are to be expected on the map, waiting ones included, after the lead time: never less than now. */
  players: number
  /** The least that the map held for `open.patience`: what has been there for so long is no wave. Never more than `players`. */
  lasting: number
  /** The most that may come until people who are moved now have settled: copies that this needs are not given up. */
  later: number
  /** Players a minute, smoothed; negative while the map empties. */
  perMinute: number
  /** By how many players such forecasts were too low lately, one lead time ahead: upper semideviation over the window. */
  error: number
}

/** One sample a lead time. At 30 s the window is an hour: arrivals of a minute are chance, those of ten are a trend. */
const SAMPLES = 120
/** The slope that says where a map goes in the next half hour. */
const LONG_LEADS = 60
const TREND_LEADS = 10
/** A rush that has just begun is not averaged away. */
const RUSH_LEADS = 4
/** Closing takes people's own time to leave: growth within this share of its deadline forbids it. */
const LATER_SHARE = 1 / 3
/** Deviations of the measured error that are kept in reserve: 69 % of lead times (normal); the rest finds the seats above soft, or those of comfort. */
const DEVIATIONS = 0.5
/** Before anything was measured two players of error are assumed, with the weight of ten samples: one surprise is not the rule. */
const PRIOR_SQUARE = 4
const PRIOR_SAMPLES = 10
const MIN_STEP_MS: DurationMs = 500

function stepOf({ open }: MapPolicy): DurationMs {
  return Math.max(MIN_STEP_MS, open.leadTimeMs)
}

/**
 * Level + trend + time of day, with a reserve for chance that is measured: what a copy decided now has to be ready for. The level
 * is the population itself (it is counted, not estimated); the trend is the steeper of the last minutes' and the last moments';
 * the reserve is the error that such forecasts made lately.
 */
export function forecastMap(samples: readonly Sample[], players: number, now: Instant, policy: MapPolicy, shape?: DayShape): Forecast {
  const step = stepOf(policy)
  const present = { at: now, players }
  const long = slopeOf(samples, present, LONG_LEADS)
  const trend = slopeOf(samples, present, TREND_LEADS)
  const rush = slopeOf(samples, present, RUSH_LEADS)
  // The first arrivals are no trend: it counts as far as it has been seen for longer than it looks ahead.
  const seen = now - (samples[0]?.at ?? now)
  const rise = (Math.max(0, trend, rush) * seen) / (seen + 2 * step)
  const error = errorOf(samples, long, step)
  // Nobody there and nobody on the way: nothing is kept for chance, so that an empty map may sleep.
  const reserve = players === 0 && rise === 0 ? 0 : DEVIATIONS * error
  const ahead = LATER_SHARE * policy.merge.deadlineMs
  let peak = players
  // What was needed a moment ago is needed again soon.
  for (const sample of samples) if (now - sample.at <= policy.merge.minAgeMs) peak = Math.max(peak, sample.players)
  const seasonal = shape === undefined ? 0 : players * shapeGrowth(shape, now, ahead)
  const soon = shape === undefined ? 0 : players * shapeGrowth(shape, now, step)
  const expected = players + Math.max(rise * policy.open.leadTimeMs, soon) + reserve
  let lasting = expected
  for (const sample of samples) if (now - sample.at <= policy.open.patienceMs) lasting = Math.min(lasting, sample.players)
  return {
    players: expected,
    lasting,
    later: Math.max(peak, players + Math.max(0, long * ahead, seasonal)),
    perMinute: trend * 60_000,
    error,
  }
}

/** Adds the present population when the last sample is a lead time old, and forgets what left the window. */
export function remember(samples: readonly Sample[], players: number, now: Instant, policy: MapPolicy): readonly Sample[] {
  const step = stepOf(policy)
  const last = samples.at(-1)
  if (last !== undefined && now - last.at < step) return samples
  return [...samples.filter(({ at }) => now - at <= SAMPLES * step), { at: now, players }]
}

/**
 * By how much more came from one sample to the next than the trend foretold: the upper semideviation, doubled in squares, so that it is the root mean
 * square where surprises are as often good as bad. That a crowd left all at once is no reason to keep seats for another.
 */
function errorOf(samples: readonly Sample[], slope: number, step: DurationMs): number {
  let [squares, count] = [PRIOR_SQUARE * PRIOR_SAMPLES, PRIOR_SAMPLES]
  for (let i = 1; i < samples.length; i++) {
    const [before, after] = [samples[i - 1], samples[i]]
    // A gap (the leader changed) says nothing about one lead time.
    if (before === undefined || after === undefined || after.at - before.at > 2 * step) continue
    const surprise = after.players - before.players - slope * (after.at - before.at)
    if (surprise > 0) squares += 2 * surprise ** 2
    count++
  }
  return Math.sqrt(squares / count)
}

/** Players per millisecond over the last so many samples and the present, by least squares; 0 with fewer than two instants. */
function slopeOf(samples: readonly Sample[], present: Sample, last: number): number {
  // One pass, relative to the present: sums stay small. Runs for every map in every round.
  const from = Math.max(0, samples.length - last)
  let [n, sumT, sumP, sumTT, sumTP] = [1, 0, 0, 0, 0]
  for (let i = from; i < samples.length; i++) {
    const sample = samples[i]
    if (sample === undefined) continue
    const [t, p] = [sample.at - present.at, sample.players - present.players]
    n++
    sumT += t
    sumP += p
    sumTT += t * t
    sumTP += t * p
  }
  const variance = sumTT - (sumT * sumT) / n
  return variance <= 0 ? 0 : (sumTP - (sumT * sumP) / n) / variance
}
