import type { DurationMs, Instant } from '../../model/clock.ts'

/** Fewer places than this say nothing: an honest "unknown" (FFXIV's and New World's guesses enraged more than silence). */
const LEAST_PLACES = 8
/** What the line did longer ago does not tell how fast it goes now. */
const AGE_MS: DurationMs = 5 * 60_000
/** As soon as so many went, over so long, what was before does not count: a line that stood still and moves again is believed at once. */
const ENOUGH_PLACES = 256
const LEAST_WINDOW_MS: DurationMs = 15_000
/** All is added up in steps of this, so that a line of thousands costs no more than one of ten. */
const STEP_MS: DurationMs = 5_000
/** More than this at once did not go: their places lapsed together after an outage, or the directory was emptied. */
const MOST_AT_ONCE = 64

interface Step {
  at: Instant
  /** How many left the line, from wherever in it. */
  went: number
  /** Of those who wait and were seen twice: places gained, and how many left the line in between. */
  gained: number
  meanwhile: number
}

export interface Pace {
  perMs: number
  /** How many places it was measured on. */
  places: number
}

/**
 * How fast one line moves. Every matchmaker hears of each place that is gone from the line, whichever of them let it in: that is
 * exact in time, and known at once to one that has just started. Whether those behind gain a place by it (or somebody left who stood behind
 * them, or came in before them) is what their positions tell, which are seen at each poll only.
 */
export class Advance {
  #steps: Step[] = []
  #length = 0
  #since: Instant | undefined
  /** How many have left the line since it is watched. */
  went = 0

  /** The line is so long now. */
  lengthIs(length: number, now: Instant): void {
    const fewer = this.#length - length
    this.#length = length
    this.#since ??= now
    if (fewer <= 0 || fewer > MOST_AT_ONCE) return
    this.went += fewer
    this.#step(now).went += fewer
  }

  /** Somebody who waits came forward by so many places while so many left the line. */
  gained(places: number, meanwhile: number, now: Instant): void {
    const step = this.#step(now)
    step.gained += places
    step.meanwhile += meanwhile
  }

  /** Undefined: too little was seen. */
  pace(now: Instant): Pace | undefined {
    let [went, gained, meanwhile] = [0, 0, 0]
    let [places, since] = [0, now]
    for (const step of this.#steps.toReversed()) {
      if (now - step.at > AGE_MS) break
      gained += step.gained
      meanwhile += step.meanwhile
      const enough = now - since >= LEAST_WINDOW_MS && places >= ENOUGH_PLACES
      went += step.went
      if (enough) continue
      places += step.went
      since = step.at
    }
    // A step in which nobody went is not there: the time without any counts from where the watching began.
    const from = places >= ENOUGH_PLACES ? since : Math.max(now - AGE_MS, this.#since ?? now)
    if (went < LEAST_PLACES || now <= from) return undefined
    const share = meanwhile === 0 ? 1 : Math.min(1, (gained + 1) / (meanwhile + 1))
    return { perMs: (places * share) / (now - from), places }
  }

  #step(now: Instant): Step {
    const at = Math.floor(now / STEP_MS) * STEP_MS
    const last = this.#steps.at(-1)
    if (last !== undefined && last.at >= at) return last
    const step = { at, went: 0, gained: 0, meanwhile: 0 }
    this.#steps.push(step)
    if (now - (this.#steps[0]?.at ?? now) > AGE_MS + STEP_MS) this.#steps.shift()
    return step
  }
}
