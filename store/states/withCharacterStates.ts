import { z } from 'zod'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { Save } from '../claims.ts'
import type { Claim, Store } from '../store.ts'
import type { CharacterStates, StateVersion } from './characterStates.ts'

/**
 * Saves of an epoch that are kept besides the newest. A statement that timed out may still be carried out, and then names an older save; it ends within seconds, and
 * a character is saved ten times a second at most.
 */
const KEPT_REVISIONS = 20

/** What PostgreSQL has in place of a state. */
const reference = z.strictObject({ $storedAs: z.strictObject({ epoch: z.int(), revision: z.int() }) })

/**
 * The store with the states of characters in the game's own storage. Each save writes a new version there first, and then names it in PostgreSQL, under the same
 * conditions as a state: a save with a stale epoch, or one that fails half-way, leaves a version that nothing names. States that were saved before are read from PostgreSQL.
 */
export function withCharacterStates<S extends Store>(store: S, states: CharacterStates, log: { warn(details: object, message: string): void }): S {
  let revisions = 0
  const inStorage = async (saves: readonly Save[]): Promise<(Save & { version: StateVersion })[]> => {
    const written = saves.map((save) => ({ ...save, version: { epoch: save.epoch, revision: ++revisions } }))
    await outage(() => states.write(written.map(({ character, version, state }) => ({ character, version, state }))))
    return written.map((save) => ({ ...save, state: { $storedAs: save.version } }))
  }
  // Old versions cost space only, so no save waits for their deletion, and none fails with it.
  const forget = (character: CharacterId, before: StateVersion, keep?: StateVersion): void => {
    states.forget(character, before, keep).catch((error: unknown) => log.warn({ err: error, character }, 'old states of a character were not deleted'))
  }
  const forgetBefore = ({ character, version: { epoch, revision } }: Save & { version: StateVersion }): void =>
    forget(character, { epoch, revision: revision - KEPT_REVISIONS })
  const loaded = async (character: CharacterId, claim: Claim): Promise<Claim> => {
    const found = reference.safeParse(claim.state)
    if (!found.success) return claim
    const { $storedAs: version } = found.data
    const state = await outage(() => states.load(character, version))
    // No holder before this claim can make another version the current one.
    forget(character, { epoch: claim.epoch, revision: 0 }, version)
    return { ...claim, state }
  }
  const one = async (save: Save, write: (state: unknown) => Promise<boolean>): Promise<boolean> => {
    const [written] = await inStorage([save])
    if (written === undefined || !(await write(written.state))) return false
    forgetBefore(written)
    return true
  }
  return {
    ...store,
    claim: async (character, at, permit) => loaded(character, await store.claim(character, at, permit)),
    async claimReleased(character, move, epoch, at) {
      const claim = await store.claimReleased(character, move, epoch, at)
      return claim && loaded(character, claim)
    },
    save: (character, epoch, state, stateVersion) =>
      one({ character, epoch, state, stateVersion }, (named) => store.save(character, epoch, named, stateVersion)),
    leave: (character, epoch, state, stateVersion) =>
      one({ character, epoch, state, stateVersion }, (named) => store.leave(character, epoch, named, stateVersion)),
    async saveMany(saves) {
      const written = await inStorage(saves)
      const stale = await store.saveMany(written.map(({ version: _, ...save }) => save))
      for (const save of written) if (!stale.includes(save.character)) forgetBefore(save)
      return stale
    },
    async release(move, saves, to) {
      const written = await inStorage(saves)
      return store.release(
        move,
        written.map(({ version: _, ...save }) => save),
        to,
      )
    },
  }
}

/** A failure of the game's storage counts like one of the database: callers try again, and a move goes on at its source. */
async function outage<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw new StrataError('DEPENDENCY_DOWN', { what: "the game's storage of states" }, { cause: error })
  }
}
