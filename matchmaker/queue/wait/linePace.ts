import type { DurationMs, Instant } from '../../../model/clock.ts'

/**
 * Fewest turns for an estimate; with fewer it is "unknown". Players of Final Fantasy XIV and New World were angrier about wrong guesses than about
 * none.
 */
const MIN_TURNS = 8
/** Shortest observation for an estimate, in ms. The first rush of a line that starts moving, or of a matchmaker that just started, says little. */
const MIN_MS: DurationMs = 3_000
/** The pace is measured on this many last turns, so a line that stood still and moves again is estimated by its new pace at once. */
const RECENT_TURNS = 128
/** Turns older than this, in ms, do not count. */
const WINDOW_MS: DurationMs = 5 * 60_000
/**
 * Limits how far the recent pace may differ from the usual pace, as a factor (about three standard deviations). The usual pace is measured on half as
 * many turns as lie ahead. Otherwise a slump or a rush of seconds would be extrapolated over an hour.
 */
const MAX_DEVIATION = 1.3
/** Length of one step of the turn history, in ms. Steps bound the cost for lines of thousands. */
export const STEP_MS: DurationMs = 500
const MAX_STEPS = (2 * WINDOW_MS) / STEP_MS

export interface Pace {
  /** Turns per ms. */
  perMs: number
  /** Number of turns that the pace was measured on. */
  turns: number
}

/**
 * The pace of one line, measured in turns. A turn is a promotion; every matchmaker receives each turn from the directory's events, so the count is
 * exact, also for a process that just started. Leaving the line otherwise is not a turn: players leave from any position, and in groups when places
 * expire.
 * Positions are seen only when a client polls. They show how many places one turn really brings: more when others ahead leave, fewer when others get
 * in ahead.
 */
export class LinePace {
  /** Total turns at the end of each step from `#first` on, without holes. The last step is the current one. */
  #turnsByStep: number[] = []
  #first = 0
  #since: Instant | undefined
  #placesGained = 0
  #turnsObserved = 0
  #decayedAt: Instant = 0
  /** Total turns since this line is observed. */
  turns = 0

  recordTurn(now: Instant): void {
    this.#since ??= now
    this.#stepTo(now)
    this.turns++
    this.#turnsByStep[this.#turnsByStep.length - 1] = this.turns
  }

  /** A waiting player advanced by this many places during this many turns. */
  recordGain(places: number, turns: number, now: Instant): void {
    const kept = Math.exp((this.#decayedAt - now) / WINDOW_MS)
    this.#decayedAt = now
    this.#placesGained = this.#placesGained * kept + places
    this.#turnsObserved = this.#turnsObserved * kept + turns
  }

  /** Mean number of places that one turn advances the players behind. */
  get placesPerTurn(): number {
    return (this.#placesGained + MIN_TURNS) / (this.#turnsObserved + MIN_TURNS)
  }

  /** The pace for a player with this many turns ahead. Undefined when too little was observed. */
  pace(turns: number, now: Instant): Pace | undefined {
    if (this.#since === undefined) return undefined
    this.#stepTo(now)
    return this.#paceAt(this.#turnsByStep.length - 1, now, turns)
  }

  /** The pace that would have been estimated `steps` ago, with the turns since then. Undefined when too little had been observed by then. */
  backtest(steps: number, now: Instant): { pace: Pace; turns: number; tookMs: DurationMs } | undefined {
    if (this.#since === undefined) return undefined
    this.#stepTo(now)
    const last = this.#turnsByStep.length - 2 // the last complete step
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

  /** Measures the pace back to where the history contains `enough` turns, and over one whole step at least. */
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

  /** Turns after the end of `step` up to the end of `later`. */
  #between(step: number, later: number): number {
    return (this.#turnsByStep[later] ?? 0) - (this.#turnsByStep[step] ?? 0)
  }

  #stepTo(now: Instant): void {
    const step = Math.floor(now / STEP_MS)
    if (this.#turnsByStep.length === 0 || step - this.#first > 2 * MAX_STEPS) [this.#first, this.#turnsByStep] = [step - 1, [this.turns]]
    while (this.#first + this.#turnsByStep.length <= step) this.#turnsByStep.push(this.turns)
    // Removes many at once, because each removal moves all the others.
    if (this.#turnsByStep.length > 1.1 * MAX_STEPS) this.#first += this.#turnsByStep.splice(0, this.#turnsByStep.length - MAX_STEPS).length
  }
}
