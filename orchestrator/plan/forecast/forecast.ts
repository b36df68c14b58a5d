import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import { CONSTANTS, type Constants } from '../../../score/constants.ts'
import { type DayShape, shapeGrowth } from './dayShape.ts'

export interface Sample {
  at: Instant
  players: number
}

export interface Forecast {
  /** Expected players on the map and in its line after the lead time; never less than now. */
  players: number
  /** Smallest population within `open.patience`: players who stayed that long are not a short wave. Never more than `players`. */
  lasting: number
  /** Largest population that may come before players who are moved now have settled. Copies that it needs are not closed. */
  later: number
  /** Smoothed growth in players per minute; negative while the map empties. */
  perMinute: number
  /** Recent error of forecasts one lead time ahead, in players: the upper semideviation (`errorOf`). */
  error: number
}

/** Samples kept, one per lead time: at a lead time of 30 s the window is an hour. */
const SAMPLES = 120
/** Shortest time between two samples, in ms: a lead time of 0 would keep a sample per round. */
const MIN_STEP_MS: DurationMs = 500

function stepOf({ open }: MapPolicy): DurationMs {
  return Math.max(MIN_STEP_MS, open.leadTimeMs)
}

export interface ForecastInput {
  /** Oldest first, as `remember` keeps them. */
  samples: readonly Sample[]
  /** Present population, players in line included. */
  players: number
  now: Instant
  policy: MapPolicy
  /** Usual population by time of day, once it is known. */
  shape?: DayShape | undefined
  constants?: Constants
}

/**
 * Forecasts the population that a copy opened now has to serve: level + the larger of trend and time of day + reserve. The level is the present
 * population, which is counted and not estimated. The trend is the steeper of two slopes (`trendSamples`, `rushSamples`). The reserve is the measured
 * error of recent forecasts.
 */
export function forecastMap({ samples, players, now, policy, shape, constants = CONSTANTS }: ForecastInput): Forecast {
  const step = stepOf(policy)
  const present = { at: now, players }
  const long = slopeOf(samples, present, constants.longSamples)
  const trend = slopeOf(samples, present, constants.trendSamples)
  const rush = slopeOf(samples, present, constants.rushSamples)
  // A trend counts fully only when it has been observed for much longer than two lead times: the first arrivals are not a trend.
  const seen = now - (samples[0]?.at ?? now)
  const rise = (Math.max(0, trend, rush) * seen) / (seen + 2 * step)
  const error = errorOf(samples, long, step, constants)
  // An empty map without arrivals gets no reserve, so that its last copy can close.
  const reserve = players === 0 && rise === 0 ? 0 : constants.reserveDeviations * error
  const ahead = constants.laterShare * policy.merge.deadlineMs
  let peak = players
  // A population that the map had within `merge.minAge` is likely to come back.
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

/** Adds the present population when the last sample is one lead time old, and drops the samples that left the window. Returns `samples` itself when nothing changed. */
export function remember(samples: readonly Sample[], players: number, now: Instant, policy: MapPolicy): readonly Sample[] {
  const step = stepOf(policy)
  const last = samples.at(-1)
  if (last !== undefined && now - last.at < step) return samples
  return [...samples.filter(({ at }) => now - at <= SAMPLES * step), { at: now, players }]
}

/**
 * Upper semideviation of the forecasts from one sample to the next, in players: only errors where more players came than the slope predicted count,
 * because a crowd that left at once is no reason to keep seats. Their squares are doubled, so that the result equals the root mean square when errors
 * are symmetric.
 */
function errorOf(samples: readonly Sample[], slope: number, step: DurationMs, { errorPrior, errorPriorSamples }: Constants): number {
  let [squares, count] = [errorPrior ** 2 * errorPriorSamples, errorPriorSamples]
  for (let i = 1; i < samples.length; i++) {
    const [before, after] = [samples[i - 1], samples[i]]
    // Skip a gap, as after a change of leader: it does not measure one lead time.
    if (before === undefined || after === undefined || after.at - before.at > 2 * step) continue
    const surprise = after.players - before.players - slope * (after.at - before.at)
    if (surprise > 0) squares += 2 * surprise ** 2
    count++
  }
  return Math.sqrt(squares / count)
}

/** Growth in players per ms over the last `last` samples and the present, by least squares; 0 with fewer than two instants. */
function slopeOf(samples: readonly Sample[], present: Sample, last: number): number {
  // One pass, because it runs for every map in every round. Values are relative to the present, so that the sums stay small.
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
