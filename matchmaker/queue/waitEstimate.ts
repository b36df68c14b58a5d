import type { DurationMs, Instant } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import type { LineEntry, LinePosition } from '../../model/line.ts'
import { quantile, Residuals } from './residuals.ts'

/** Fewer places gained than this say nothing: an honest "unknown" (FFXIV's and New World's guesses enraged more than silence). */
const LEAST_PLACES = 8
/** What the line did longer ago does not tell how fast it goes now. */
const SAMPLE_AGE_MS: DurationMs = 5 * 60_000
/** As soon as so many seats were seen to come free, and over so long, what was before does not count: a line that stood still moves again. */
const ENOUGH_PLACES = 256
const LEAST_WINDOW_MS: DurationMs = 30_000
/** Samples are added up in steps of this, so that a line of thousands costs no more than one of ten. */
const STEP_MS: DurationMs = 5_000
/** Whoever is not seen for so long has left or is answered by another matchmaker. */
const FORGET_MS: DurationMs = 60_000
const MOST_TRACKED = 20_000
/** Predictions kept of one wait, to be compared with what came. */
const MOST_PREDICTIONS = 6
/** Seats come free in bursts (a party leaves, a copy opens): more scattered than one by one. Only until there is experience. */
const DISPERSION = 2
const Z90 = 1.2816
/** Learned for nine in ten. Short waits end first, and all of a line end early or late together: what was learned at 0.9 held for 0.84 (simulated
 *  lines of 400, seats one by one and in bursts of 8). */
const LEARNED_90 = 0.94

interface Prediction {
  at: Instant
  meanMs: number
  deviationMs: number
}

interface Seen {
  position: number
  last: Instant
  predictions: Prediction[]
}

interface Line {
  /** Places gained, over the time that those who gained them were watched; oldest first. */
  steps: { at: Instant; places: number; watchedMs: number }[]
  seen: Map<string, Seen>
  residuals: Residuals
}

/**
 * How long the wait will be. The rate is measured on those who wait: each poll tells a position, and what they gain is seats that came
 * free and people before them who gave up, less those who were let in before them, whichever matchmaker did it. The range is
 * learned: when somebody's wait ends, what they had been told is compared with what came, in units of the deviation that a Poisson
 * process has, and the quantiles of that are the next range's. Lost without harm when the process restarts.
 */
export class WaitEstimate {
  readonly #lines = new Map<MapName, Line>()

  /** Also called with -1 for whoever was just promoted. */
  observe({ map, id }: Pick<LineEntry, 'map' | 'id'>, position: number, now: Instant): void {
    const line = this.#line(map)
    const before = line.seen.get(id)
    const known = before !== undefined && now - before.last < FORGET_MS ? before : undefined
    if (known !== undefined && now > known.last) addStep(line, now, Math.max(0, known.position - position), now - known.last)
    // Deleted first, so that the key moves to the end: the oldest are forgotten first.
    line.seen.delete(id)
    if (position < 0) {
      for (const { at, meanMs, deviationMs } of known?.predictions ?? []) line.residuals.add((now - at - meanMs) / deviationMs, now)
      return
    }
    const predictions = known?.predictions ?? []
    const prediction = predict(line, position, now)
    // The first ones reach farthest; of the others those of halving positions are enough.
    if (
      prediction !== undefined &&
      predictions.length < MOST_PREDICTIONS &&
      (known === undefined || predictions.length === 0 || position <= known.position / 2)
    ) {
      predictions.push({ at: now, ...prediction })
    }
    line.seen.set(id, { position, last: now, predictions })
    if (line.seen.size > MOST_TRACKED) for (const oldest of line.seen.keys()) return void line.seen.delete(oldest)
  }

  estimate(map: MapName, position: number, now: Instant): LinePosition['waitMs'] {
    const line = this.#line(map)
    const prediction = predict(line, position, now)
    if (prediction === undefined) return 'unknown'
    const learned = line.residuals.recent(now)
    const [low, high] = learned === undefined ? [0, Z90] : [quantile(learned, 0.5), quantile(learned, LEARNED_90)]
    const at = (z: number): number => Math.max(0, Math.round(prediction.meanMs + z * prediction.deviationMs))
    return { p50: at(low), p90: Math.max(at(low), at(high)) }
  }

  #line(map: MapName): Line {
    const line = this.#lines.get(map) ?? { steps: [], seen: new Map<string, Seen>(), residuals: new Residuals() }
    this.#lines.set(map, line)
    return line
  }
}

function addStep(line: Line, now: Instant, places: number, watchedMs: number): void {
  const last = line.steps.at(-1)
  if (last !== undefined && now - last.at < STEP_MS) {
    last.places += places
    last.watchedMs += watchedMs
    return
  }
  line.steps.push({ at: now, places, watchedMs })
  while (line.steps[0] !== undefined && now - line.steps[0].at > SAMPLE_AGE_MS) line.steps.shift()
}

/** Waiting for n places of a process that is known from N: the sum's own chance, and that of the rate. */
function predict({ steps }: Line, position: number, now: Instant): Omit<Prediction, 'at'> | undefined {
  let [places, watchedMs, since] = [0, 0, now]
  for (const step of steps.toReversed()) {
    const enough = now - since >= LEAST_WINDOW_MS && places * (now - since) >= ENOUGH_PLACES * watchedMs
    if (now - step.at > SAMPLE_AGE_MS || enough) break
    places += step.places
    watchedMs += step.watchedMs
    since = step.at
  }
  if (places < LEAST_PLACES || watchedMs === 0) return undefined
  const perMs = places / watchedMs
  const n = position + 1
  // All who wait see the same seats come free: they are one witness, who has watched for as long as the samples reach.
  const witnessed = Math.max(1, perMs * (now - since + STEP_MS))
  return { meanMs: n / perMs, deviationMs: Math.sqrt(DISPERSION * n * (1 + n / witnessed)) / perMs }
}
