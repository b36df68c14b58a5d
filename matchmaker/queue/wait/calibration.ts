import type { DurationMs, Instant } from '../../../model/clock.ts'

const Z90 = 1.2816
/** Per turn and per ms, until the line has taught better: seats come free in bursts (a party leaves, a copy opens), and a pace drifts by a tenth in a minute and a half. */
const DISPERSION = 2
const DRIFT_PER_MS = 1e-7
/** What those two stand for is worth so many comparisons of a typical forecast: a minute, from 128 turns. */
const PRIOR = { weight: 0.6, chance: 2 / 128, meanMs: 60_000 }
/** A comparison is worth a third of itself after so long. */
const FORGET_MS: DurationMs = 200_000
/** One outlier must not teach more than this many deviations: a process that was killed stops a line once. */
const MAX_DEVIATIONS = 2.5
/** The wait for one seat that comes at random is as uncertain as this; nothing is more. */
const MAX_VARIANCE = 1
/** By so much of a deviation each comparison moves the quantiles that are told. */
const RATE = 0.02
const MAX_SCORE = 4
const MIN_WIDTH = 1

/** So many turns are to come, at a pace that was measured on so many. */
export interface Forecast {
  turns: number
  known: number
  meanMs: DurationMs
}

/**
 * How wide a line's ranges have to be. The variance of a wait, in units of its mean, has two parts: the chance of single turns, which shrinks with
 * their number, and the drift of the pace, which grows with the time (a random walk). How large both are in this line is learned by weighted least squares
 * from what forecasts of the last minutes came to. The two quantiles that are told then follow each comparison by a small step, so that in
 * the long run half of all lie below p50 and nine in ten below p90 whatever the line does: online quantile tracking (Gibbs and Candès, "Adaptive
 * Conformal Inference Under Distribution Shift", 2021; Angelopoulos, Candès and Tibshirani, "Conformal PID Control", 2023).
 */
export class Calibration {
  #low = 0
  #high = Z90
  #dispersion = DISPERSION
  #drift = DRIFT_PER_MS
  /** Sums over comparisons: products of both parts, and of each with the square of what was found. */
  #sums = { cc: 0, cd: 0, dd: 0, ce: 0, de: 0 }
  #decayedAt: Instant = 0

  range(forecast: Forecast): { p50: number; p90: number } {
    const variance = this.#variance(forecast)
    const at = (z: number): number => Math.round(forecast.meanMs * quantile(z, variance))
    return { p50: at(this.#low), p90: at(this.#high) }
  }

  /** It took so long; so many answers, in units of what is usual, said it (`answerCounts.ts`). */
  learn(forecast: Forecast, tookMs: DurationMs, answers: number, now: Instant): void {
    const variance = this.#variance(forecast)
    const z = score(tookMs / forecast.meanMs, variance)
    this.#low = clamp(-MAX_SCORE, this.#low + RATE * answers * ((z > this.#low ? 1 : 0) - 0.5), MAX_SCORE)
    this.#high = clamp(this.#low + MIN_WIDTH, this.#high + RATE * answers * ((z > this.#high ? 1 : 0) - 0.1), MAX_SCORE + 1)
    // The longer the time, the more of it was in the comparison before.
    const weight = 1e4 / (variance * variance * tookMs)
    const square = Math.min(z * z, MAX_DEVIATIONS ** 2) * variance
    const [chance, kept] = [chanceOf(forecast), Math.exp((this.#decayedAt - now) / FORGET_MS)]
    this.#decayedAt = now
    const { cc, cd, dd, ce, de } = this.#sums
    this.#sums = {
      cc: cc * kept + weight * chance * chance,
      cd: cd * kept + weight * chance * tookMs,
      dd: dd * kept + weight * tookMs * tookMs,
      ce: ce * kept + weight * chance * square,
      de: de * kept + weight * tookMs * square,
    }
    this.#solve()
  }

  #solve(): void {
    const { weight, chance, meanMs } = PRIOR
    const scale = weight / (DISPERSION * chance + DRIFT_PER_MS * meanMs) ** 2
    const cc = this.#sums.cc + scale * chance * chance
    const dd = this.#sums.dd + scale * meanMs * meanMs
    const ce = this.#sums.ce + scale * chance * chance * DISPERSION
    const de = this.#sums.de + scale * meanMs * meanMs * DRIFT_PER_MS
    const { cd } = this.#sums
    const determinant = cc * dd - cd * cd
    this.#dispersion = Math.max(0.5, (ce * dd - cd * de) / determinant)
    this.#drift = Math.max(0, (de - cd * this.#dispersion) / dd)
    if (this.#drift === 0) this.#dispersion = Math.max(0.5, ce / cc)
  }

  #variance(forecast: Forecast): number {
    return Math.min(MAX_VARIANCE, this.#dispersion * chanceOf(forecast) + this.#drift * forecast.meanMs)
  }
}

/** For n turns of a process that is known from N: their own chance, and that of the pace. */
function chanceOf({ turns, known }: Forecast): number {
  return 1 / turns + 1 / known
}

/** Of a gamma distribution with mean 1 (Wilson and Hilferty, "The Distribution of Chi-Square", 1931): waits are skewed, and never below zero. */
function quantile(z: number, variance: number): number {
  return Math.max(0, 1 - variance / 9 + (z * Math.sqrt(variance)) / 3) ** 3
}

/** Its inverse: by how many deviations something came out longer. */
function score(value: number, variance: number): number {
  return (3 * (Math.cbrt(value) - 1 + variance / 9)) / Math.sqrt(variance)
}

function clamp(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
