import { StrataError } from '../../model/errors.ts'

/** `steps[n]` makes a state of version n + 1 out of one of version n. A released step is never edited, only followed by another. */
export type StateSteps = Readonly<Record<number, (state: unknown) => unknown>>

/** Brings a state that an earlier release saved up to `version`, one step after the other. Throws INTERNAL where a step is missing, or the state is of a later release. */
export function stepForward(steps: StateSteps, state: unknown, from: number, version: number): unknown {
  if (from > version) throw new StrataError('INTERNAL', { problem: `the state is of version ${from}, this release knows ${version}` })
  let stepped = state
  for (let at = from; at < version; at++) {
    const step = steps[at]
    if (step === undefined) throw new StrataError('INTERNAL', { problem: `no step for states of version ${at}` })
    stepped = step(stepped)
  }
  return stepped
}
