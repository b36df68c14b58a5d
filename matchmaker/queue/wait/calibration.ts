import type { DurationMs, Instant } from '../../../model/clock.ts'

/** 90th percentile of the standard normal distribution. */
const Z90 = 1.2816
/** Initial variance per turn and per ms. Seats become free in bursts (a party leaves, a copy opens), and a pace drifts by about a tenth in 90 s. */
const DISPERSION = 2
const DRIFT_PER_MS = 1e-7
/** Weight of the two initial values, as a number of comparisons of a typical forecast: 60 s ahead, measured on 128 turns. */
const PRIOR = { weight: 0.6, randomness: 2 / 128, meanMs: 60_000 }
/** Time constant in ms after which a comparison has decayed to 1/e. */
const FORGET_MS: DurationMs = 200_000
/** Largest deviation that one comparison counts for, in standard deviations. A killed process stops a line once and must not dominate. */
const MAX_DEVIATIONS = 2.5
/** Largest variance in units of the squared mean: that of the wait for a single seat that becomes free at random. */
const MAX_VARIANCE = 1
/** Step by which one comparison moves the quantiles, in standard deviations. */
const RATE = 0.02
/** Bound of the lower quantile, and least distance of the upper one, in standard deviations. */
const MAX_SCORE = 4
const MIN_WIDTH = 1

/** A forecast: `turns` ahead, at a pace measured on `known` turns, with a mean wait of `meanMs`. */
export interface Forecast {
  turns: number
  known: number
  meanMs: DurationMs
}

/**
 * The width of a line's ranges. The variance of a wait, in units of its squared mean, has two parts: the randomness of single turns, which shrinks
 * with their number, and the drift of the pace, which grows with time (a random walk). Weighted least squares learns both for this line from
 * backtests of the last minutes.
 * Each comparison then moves the two quantiles by a small step, so that in the long run half of the waits lie below p50 and nine in ten below p90.
 * This is online quantile tracking (Gibbs and Candès, "Adaptive Conformal Inference Under Distribution Shift", 2021; Angelopoulos, Candès and
 * Tibshirani, "Conformal PID Control", 2023).
 */
export class Calibration {
  #low = 0
  #high = Z90
  #dispersion = DISPERSION
  #drift = DRIFT_PER_MS
  /** Sums of the least-squares fit over comparisons: products of both parts, and of each with the squared error. */
  #sums = { cc: 0, cd: 0, dd: 0, ce: 0, de: 0 }
  #decayedAt: Instant = 0

  range(forecast: Forecast): { p50: number; p90: number } {
    const variance = this.#variance(forecast)
    const at = (z: number): number => Math.round(forecast.meanMs * quantile(z, variance))
    return { p50: at(this.#low), p90: at(this.#high) }
  }

  /** Learns from a forecast and the time that it really took. `answers`: weight of the step in which it was given (`answerCounts.ts`). */
  learn(forecast: Forecast, tookMs: DurationMs, answers: number, now: Instant): void {
    const variance = this.#variance(forecast)
    const z = score(tookMs / forecast.meanMs, variance)
    this.#low = clamp(-MAX_SCORE, this.#low + RATE * answers * ((z > this.#low ? 1 : 0) - 0.5), MAX_SCORE)
    this.#high = clamp(this.#low + MIN_WIDTH, this.#high + RATE * answers * ((z > this.#high ? 1 : 0) - 0.1), MAX_SCORE + 1)
    // Overlapping comparisons share data: the longer the wait, the larger the overlap with the one before.
    const weight = 1e4 / (variance * variance * tookMs)
    const square = Math.min(z * z, MAX_DEVIATIONS ** 2) * variance
    const [randomness, kept] = [randomnessOf(forecast), Math.exp((this.#decayedAt - now) / FORGET_MS)]
    this.#decayedAt = now
    const { cc, cd, dd, ce, de } = this.#sums
    this.#sums = {
      cc: cc * kept + weight * randomness * randomness,
      cd: cd * kept + weight * randomness * tookMs,
      dd: dd * kept + weight * tookMs * tookMs,
      ce: ce * kept + weight * randomness * square,
      de: de * kept + weight * tookMs * square,
    }
    this.#solve()
  }

  #solve(): void {
    const { weight, randomness, meanMs } = PRIOR
    const scale = weight / (DISPERSION * randomness + DRIFT_PER_MS * meanMs) ** 2
    const cc = this.#sums.cc + scale * randomness * randomness
    const dd = this.#sums.dd + scale * meanMs * meanMs
    const ce = this.#sums.ce + scale * randomness * randomness * DISPERSION
    const de = this.#sums.de + scale * meanMs * meanMs * DRIFT_PER_MS
    const { cd } = this.#sums
    const determinant = cc * dd - cd * cd
    this.#dispersion = Math.max(0.5, (ce * dd - cd * de) / determinant)
    this.#drift = Math.max(0, (de - cd * this.#dispersion) / dd)
    if (this.#drift === 0) this.#dispersion = Math.max(0.5, ce / cc)
  }

  #variance(forecast: Forecast): number {
    return Math.min(MAX_VARIANCE, this.#dispersion * randomnessOf(forecast) + this.#drift * forecast.meanMs)
  }
}

/** Relative variance of `turns` turns, plus that of a pace measured on `known` turns. */
function randomnessOf({ turns, known }: Forecast): number {
  return 1 / turns + 1 / known
}

/**
 * Quantile of a gamma distribution with mean 1 (Wilson and Hilferty, "The Distribution of Chi-Square", 1931): waits are skewed and never below zero.
 */
function quantile(z: number, variance: number): number {
  return Math.max(0, 1 - variance / 9 + (z * Math.sqrt(variance)) / 3) ** 3
}

/** Inverse of `quantile`: how many standard deviations a result is above its forecast. */
function score(value: number, variance: number): number {
  return (3 * (Math.cbrt(value) - 1 + variance / 9)) / Math.sqrt(variance)
}

function clamp(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
