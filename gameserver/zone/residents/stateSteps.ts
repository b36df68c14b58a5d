import { StrataError } from '../../../model/errors.ts'

/** `steps[n]` makes a state of version n + 1 out of one of version n. A released step is never edited, only followed by another. */
export type StateSteps = Readonly<Record<number, (state: unknown) => unknown>>

/**
 * Brings a state that another release saved to `version`, one step after the other. `back[n]` makes one of version n - 1 out of one of version n:
 * it stands in the release before the one that writes n, because for the time of a roll-out both are about (docs/decisions/0021). Throws INTERNAL
 * where a step is missing.
 */
export function stepForward(steps: StateSteps, state: unknown, from: number, version: number, back: StateSteps = {}): unknown {
  let stepped = state
  for (let at = from; at > version; at--) {
    const step = back[at]
    if (step === undefined)
      throw new StrataError('INTERNAL', {
        problem: `the state is of version ${from}, this release knows ${version} (roll out what reads it before what writes it)`,
      })
    stepped = step(stepped)
  }
  for (let at = from; at < version; at++) {
    const step = steps[at]
    if (step === undefined) throw new StrataError('INTERNAL', { problem: `no step for states of version ${at}` })
    stepped = step(stepped)
  }
  return stepped
}
