import type { DurationMs, Instant } from '../../../model/clock.ts'

/** Fewer turns than this say nothing: an honest "unknown" (FFXIV's and New World's guesses enraged more than silence). */
const MIN_TURNS = 8
/** Nor does the first rush of a line that begins to move, or of a matchmaker that begins to hear. */
const MIN_MS: DurationMs = 3_000
/** As soon as so many went, what was before does not count: a line that stood still and moves again is believed at once. */
const RECENT_TURNS = 128
/** What the line did longer ago does not tell how fast it goes now. */
const WINDOW_MS: DurationMs = 5 * 60_000
/**
 * The last turns are believed up to this factor, which is some three deviations of their chance: who stands far back does not wait in a slump, or in a
 * rush, of seconds. How long half as many turns took as they have before them says what is usual.
 */
const MAX_DEVIATION = 1.3
/** Turns are added up in steps of this, so that a line of thousands costs no more than one of ten. */
export const STEP_MS: DurationMs = 500
const MAX_STEPS = (2 * WINDOW_MS) / STEP_MS

export interface Pace {
  perMs: number
  /** How many turns it was measured on. */
  turns: number
}

/**
 * How fast one line moves. Every matchmaker hears of each recordTurn that comes, whichever of them let somebody in: that is exact in time, and known
 * at once to one that has just started. Who leaves the line otherwise is no recordTurn: they leave from anywhere, and by the dozen when a place
 * lapses or when many look at their place together. Whether those behind gain more by it than by turns, or less because others come in before
 * them, is what their positions tell, which are seen at each poll only.
 */
export class LinePace {
  /** How many turns had come by the end of each step from `#first` on, without holes; the last step is under way. */
  #turnsByStep: number[] = []
  #first = 0
  #since: Instant | undefined
  #placesGained = 0
  #turnsObserved = 0
  #decayedAt: Instant = 0
  /** How many turns have come since the line is watched. */
  turns = 0

  recordTurn(now: Instant): void {
    this.#since ??= now
    this.#stepTo(now)
    this.turns++
    this.#turnsByStep[this.#turnsByStep.length - 1] = this.turns
  }

  /** Somebody who waits came forward by so many places while so many turns came. */
  recordGain(places: number, turns: number, now: Instant): void {
    const kept = Math.exp((this.#decayedAt - now) / WINDOW_MS)
    this.#decayedAt = now
    this.#placesGained = this.#placesGained * kept + places
    this.#turnsObserved = this.#turnsObserved * kept + turns
  }

  /** By how many places a recordTurn brings those behind forward. */
  get placesPerTurn(): number {
    return (this.#placesGained + MIN_TURNS) / (this.#turnsObserved + MIN_TURNS)
  }

  /** For whoever has so many turns before them. Undefined: too little was seen. */
  pace(turns: number, now: Instant): Pace | undefined {
    if (this.#since === undefined) return undefined
    this.#stepTo(now)
    return this.#paceAt(this.#turnsByStep.length - 1, now, turns)
  }

  /** What would have been said so many steps ago about the turns that came since; undefined when too little had been seen by then. */
  backtest(steps: number, now: Instant): { pace: Pace; turns: number; tookMs: DurationMs } | undefined {
    if (this.#since === undefined) return undefined
    this.#stepTo(now)
    const last = this.#turnsByStep.length - 2 // a step that is under way is none yet
    const then = last - steps
    if (then < 1) return undefined
    const turns = this.#between(then, last)
    const pace = this.#paceAt(then, this.#startOf(then + 1), turns)
    return pace && { pace, turns, tookMs: steps * STEP_MS }
  }

  #paceAt(step: number, at: Instant, turns: number): Pace | undefined {
    const recent = this.#measure(RECENT_TURNS, step, at)
    const usual = this.#measure(Math.max(RECENT_TURNS, turns / 2), step, at)
    if (recent === undefined || usual === undefined) return undefined
    return { ...recent, perMs: Math.min(usual.perMs * MAX_DEVIATION, Math.max(usual.perMs / MAX_DEVIATION, recent.perMs)) }
  }

  /** As far back as so many turns reach, and a whole step at least. */
  #measure(enough: number, step: number, at: Instant): Pace | undefined {
    const oldest = Math.max(0, Math.ceil((at - WINDOW_MS) / STEP_MS) - this.#first - 1)
    let before = step - 1
    while (before > oldest && (this.#between(before, step) < enough || at - this.#startOf(before + 1) < STEP_MS)) before--
    const turns = this.#between(before, step)
    const from = Math.max(this.#startOf(before + 1), this.#since ?? at)
    return turns < MIN_TURNS || at - (this.#since ?? at) < MIN_MS || at <= from ? undefined : { perMs: turns / (at - from), turns }
  }

  #startOf(step: number): Instant {
    return (this.#first + step) * STEP_MS
  }

  /** Turns after the end of one step, up to the end of the other. */
  #between(step: number, later: number): number {
    return (this.#turnsByStep[later] ?? 0) - (this.#turnsByStep[step] ?? 0)
  }

  #stepTo(now: Instant): void {
    const step = Math.floor(now / STEP_MS)
    if (this.#turnsByStep.length === 0 || step - this.#first > 2 * MAX_STEPS) [this.#first, this.#turnsByStep] = [step - 1, [this.turns]]
    while (this.#first + this.#turnsByStep.length <= step) this.#turnsByStep.push(this.turns)
    // Many at once, because each time moves all the others.
    if (this.#turnsByStep.length > 1.1 * MAX_STEPS) this.#first += this.#turnsByStep.splice(0, this.#turnsByStep.length - MAX_STEPS).length
  }
}
