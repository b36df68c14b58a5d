import { StrataError } from '../../../../model/errors.ts'

/** `steps[n]` converts a state of version n to version n + 1. Never edit a released step; add a new one. */
export type StateSteps = Readonly<Record<number, (state: unknown) => unknown>>

export interface StateMigration {
  steps: StateSteps
  /**
   * `back[n]` converts a state of version n to version n - 1. Release it one version before the release that saves version n, because both releases
   * run during a roll-out (docs/decisions/0021).
   */
  back?: StateSteps
  /** Version of the saved state. */
  from: number
  /** Version that this release works with. */
  to: number
}

/** Converts a state that another release saved, one version at a time. Throws INTERNAL when a step is missing. */
export function migrateState(state: unknown, { steps, back = {}, from, to }: StateMigration): unknown {
  let migrated = state
  for (let at = from; at > to; at--) {
    const step = back[at]
    if (step === undefined)
      throw new StrataError('INTERNAL', {
        problem: `the state is of version ${from}, but this release knows ${to}; roll out a release that reads version ${from} before one that writes it`,
      })
    migrated = step(migrated)
  }
  for (let at = from; at < to; at++) {
    const step = steps[at]
    if (step === undefined) throw new StrataError('INTERNAL', { problem: `no step for states of version ${at}` })
    migrated = step(migrated)
  }
  return migrated
}
