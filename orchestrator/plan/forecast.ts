import type { DurationMs, Instant } from '../../model/clock.ts'

export interface Sample {
  at: Instant
  players: number
}

export interface Forecast {
  /** Players that are to be expected on the map, waiting ones included, after the lead time: never less than now. */
  players: number
  /** Players a minute, smoothed; negative while the map empties. */
  perMinute: number
}

/** Six lead times: short enough to see a rush within seconds where servers start fast, long enough to see through noise. */
const WINDOW_LEADS = 6
const SAMPLES = 12
const MIN_STEP_MS: DurationMs = 500
/** Arrivals are close to a Poisson process: two deviations of the count cover 97 % of lead times. */
const DEVIATIONS = 2

/** Level + trend, with a margin for chance: what a copy decided now has to be ready for. */
export function forecastMap(samples: readonly Sample[], players: number, now: Instant, leadTimeMs: DurationMs): Forecast {
  const all = [...samples, { at: now, players }]
  // The faster of the long and the recent trend: a rush that has just begun is not averaged away.
  const slope = Math.max(slopeOf(all), slopeOf(all.slice(-Math.ceil(SAMPLES / 3))))
  const growth = Math.max(0, slope) * leadTimeMs
  return { players: players + growth + (growth > 0 ? DEVIATIONS * Math.sqrt(growth) : 0), perMinute: slope * 60_000 }
}

/** Adds the present population when the last sample is a step old, and forgets what left the window. */
export function remember(samples: readonly Sample[], players: number, now: Instant, leadTimeMs: DurationMs): readonly Sample[] {
  const window = Math.max(WINDOW_LEADS * leadTimeMs, SAMPLES * MIN_STEP_MS)
  const last = samples.at(-1)
  if (last !== undefined && now - last.at < window / SAMPLES) return samples
  return [...samples.filter(({ at }) => now - at <= window), { at: now, players }]
}

/** Players per millisecond, by least squares; 0 with fewer than two instants. */
function slopeOf(samples: readonly Sample[]): number {
  const first = samples[0]
  if (first === undefined) return 0
  let [meanT, meanP] = [0, 0]
  for (const { at, players } of samples) {
    meanT += (at - first.at) / samples.length
    meanP += players / samples.length
  }
  let [covariance, variance] = [0, 0]
  for (const { at, players } of samples) {
    const t = at - first.at - meanT
    covariance += t * (players - meanP)
    variance += t * t
  }
  return variance === 0 ? 0 : covariance / variance
}
