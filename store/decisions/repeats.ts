import type { DurationMs, Instant } from '../../model/clock.ts'
import type { Decision } from '../../model/placement/decision.ts'

/** A decision that says the same as one of at most so long ago is a repeat, in ms. */
const REPEAT_MS: DurationMs = 10_000
/** After this time a decision that is repeated all the time gets a new record, in ms: the record of an hour of repeats would say little about its end. */
const MOST_MS: DurationMs = 10 * 60_000
/** The answers to requests that a client may send again and again. */
const answers: ReadonlySet<Decision['kind']> = new Set(['place', 'wait', 'refuse'])

interface Recent {
  first: Omit<Decision, 'candidates'>
  lastAt: Instant
  repeats: number
}

/**
 * Recognises repeats: a client that asks to enter ten times a second gets the same answer each time, and one record with a count says as much as ten. A
 * repeat has the kind, map, copy, characters, policy version, error code and, numbers aside, the reason of the first decision. `inputs.repeats` counts
 * them, and `inputs.repeatedUntil` is the time of the last one. Pure: the time is that of the decisions.
 */
export class Repeats {
  /** In the order of `lastAt`. */
  readonly #recent = new Map<string, Recent>()
  readonly #grown = new Set<Recent>()

  /** Whether the decision repeats one; then it is counted, and `takeCounted` returns the first one. */
  isRepeat(decision: Decision): boolean {
    const { at, kind, characters } = decision
    if (!answers.has(kind) || characters.length === 0) return false
    this.#forget(at)
    const key = keyOf(decision)
    const recent = this.#recent.get(key)
    this.#recent.delete(key)
    if (recent === undefined || at - recent.first.at >= MOST_MS) {
      const { candidates: _, ...first } = decision
      this.#recent.set(key, { first, lastAt: at, repeats: 0 })
      return false
    }
    recent.lastAt = at
    recent.repeats += 1
    this.#recent.set(key, recent)
    this.#grown.add(recent)
    return true
  }

  /** Every decision with a count that has grown since the last call. It has no candidates: its record has them already. */
  takeCounted(): Decision[] {
    const counted = [...this.#grown].map(({ first, lastAt, repeats }) => {
      const inputs = { ...first.inputs, repeats, repeatedUntil: new Date(lastAt).toISOString() }
      return { ...first, candidates: [], inputs }
    })
    this.#grown.clear()
    return counted
  }

  #forget(now: Instant): void {
    for (const [key, { lastAt }] of this.#recent) {
      if (now - lastAt <= REPEAT_MS) return
      this.#recent.delete(key)
    }
  }
}

function keyOf({ kind, map, copy, characters, policyVersion, reason, inputs }: Decision): string {
  return JSON.stringify([kind, map, copy, characters, policyVersion, reason.replaceAll(/[\d.]+/g, '#'), inputs['code']])
}
