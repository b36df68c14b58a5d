import type { DurationMs, Instant } from '../../../model/clock.ts'

/** Fewer turns than this say nothing: an honest "unknown" (FFXIV's and New World's guesses enraged more than silence). */
const LEAST_PLACES = 8
/** Nor does the first rush of a line that begins to move, or of a matchmaker that begins to hear. */
const LEAST_MS: DurationMs = 3_000
/** As soon as so many went, what was before does not count: a line that stood still and moves again is believed at once. */
const ENOUGH_PLACES = 128
/** What the line did longer ago does not tell how fast it goes now. */
const AGE_MS: DurationMs = 5 * 60_000
/**
 * The last turns are believed up to this factor, which is some three deviations of their chance: who stands far back does not wait in a slump, or in a
 * rush, of seconds. How long half as many turns took as they have before them says what is usual.
 */
const MOST_UNUSUAL = 1.3
/** Turns are added up in steps of this, so that a line of thousands costs no more than one of ten. */
export const STEP_MS: DurationMs = 500
const MOST_STEPS = (2 * AGE_MS) / STEP_MS

export interface Pace {
  perMs: number
  /** How many turns it was measured on. */
  places: number
}

/**
 * How fast one line moves. Every matchmaker hears of each turn that comes, whichever of them let somebody in: that is exact in time, and known
 * at once to one that has just started. Who leaves the line otherwise is no turn: they leave from anywhere, and by the dozen when a place
 * lapses or when many look at their place together. Whether those behind gain more by it than by turns, or less because others come in before
 * them, is what their positions tell, which are seen at each poll only.
 */
export class Advance {
  /** How many turns had come by the end of each step from `#first` on, without holes; the last step is under way. */
  #came: number[] = []
  #first = 0
  #since: Instant | undefined
  #gained = 0
  #meanwhile = 0
  #decayedAt: Instant = 0
  /** How many turns have come since the line is watched. */
  turns = 0

  turn(now: Instant): void {
    this.#since ??= now
    this.#stepTo(now)
    this.turns++
    this.#came[this.#came.length - 1] = this.turns
  }

  /** Somebody who waits came forward by so many places while so many turns came. */
  gained(places: number, meanwhile: number, now: Instant): void {
    const kept = Math.exp((this.#decayedAt - now) / AGE_MS)
    this.#decayedAt = now
    this.#gained = this.#gained * kept + places
    this.#meanwhile = this.#meanwhile * kept + meanwhile
  }

  /** By how many places a turn brings those behind forward. */
  get share(): number {
    return (this.#gained + LEAST_PLACES) / (this.#meanwhile + LEAST_PLACES)
  }

  /** For whoever has so many turns before them. Undefined: too little was seen. */
  pace(turns: number, now: Instant): Pace | undefined {
    if (this.#since === undefined) return undefined
    this.#stepTo(now)
    return this.#paceAt(this.#came.length - 1, now, turns)
  }

  /** What would have been said so many steps ago about the turns that came since; undefined when too little had been seen by then. */
  hindsight(steps: number, now: Instant): { pace: Pace; turns: number; tookMs: DurationMs } | undefined {
    if (this.#since === undefined) return undefined
    this.#stepTo(now)
    const last = this.#came.length - 2 // a step that is under way is none yet
    const then = last - steps
    if (then < 1) return undefined
    const turns = this.#between(then, last)
    const pace = this.#paceAt(then, this.#startOf(then + 1), turns)
    return pace && { pace, turns, tookMs: steps * STEP_MS }
  }

  #paceAt(step: number, at: Instant, turns: number): Pace | undefined {
    const lately = this.#measured(ENOUGH_PLACES, step, at)
    const usual = this.#measured(Math.max(ENOUGH_PLACES, turns / 2), step, at)
    if (lately === undefined || usual === undefined) return undefined
    return { ...lately, perMs: Math.min(usual.perMs * MOST_UNUSUAL, Math.max(usual.perMs / MOST_UNUSUAL, lately.perMs)) }
  }

  /** As far back as so many turns reach, and a whole step at least. */
  #measured(enough: number, step: number, at: Instant): Pace | undefined {
    const oldest = Math.max(0, Math.ceil((at - AGE_MS) / STEP_MS) - this.#first - 1)
    let before = step - 1
    while (before > oldest && (this.#between(before, step) < enough || at - this.#startOf(before + 1) < STEP_MS)) before--
    const places = this.#between(before, step)
    const from = Math.max(this.#startOf(before + 1), this.#since ?? at)
    return places < LEAST_PLACES || at - (this.#since ?? at) < LEAST_MS || at <= from ? undefined : { perMs: places / (at - from), places }
  }

  #startOf(step: number): Instant {
    return (this.#first + step) * STEP_MS
  }

  /** Turns after the end of one step, up to the end of the other. */
  #between(step: number, later: number): number {
    return (this.#came[later] ?? 0) - (this.#came[step] ?? 0)
  }

  #stepTo(now: Instant): void {
    const step = Math.floor(now / STEP_MS)
    if (this.#came.length === 0 || step - this.#first > 2 * MOST_STEPS) [this.#first, this.#came] = [step - 1, [this.turns]]
    while (this.#first + this.#came.length <= step) this.#came.push(this.turns)
    // Many at once, because each time moves all the others.
    if (this.#came.length > 1.1 * MOST_STEPS) this.#first += this.#came.splice(0, this.#came.length - MOST_STEPS).length
  }
}
