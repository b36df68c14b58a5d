import type { MemoryDirectory } from '../../directory/memory.ts'
import { override } from './kernel/override.ts'
import type { Goods } from './standins/economy.ts'
import type { MemoryStore } from './standins/memoryStore.ts'

/** Deliberate mistakes that the rules must find. Each is made in an adapter around the production code, never in the production code. */
export const BUGS = [
  'claim without epoch',
  'seat not returned',
  'save after release',
  'item copied before commit',
  'line place dropped',
  'login without release',
  'batch in part',
] as const
export type Bug = (typeof BUGS)[number]

/**
 * `claim without epoch`: a claim of a released character succeeds whatever epoch and move it names. `save after release`: a save compares the epoch but does
 * not check whether the character was released. `batch in part`: a save of many characters writes half of them.
 */
export function buggyStore(store: MemoryStore, bug: Bug | undefined): MemoryStore {
  if (bug === 'claim without epoch') {
    return override(store, { claimReleased: async (character, _move, _epoch, at) => store.claims.claim(character, at) })
  }
  if (bug === 'save after release') {
    return override(store, {
      saveMany: async (saves) =>
        saves.flatMap(({ character, epoch, state, stateVersion }) => {
          const row = store.claims.rows.get(character)
          if (row?.epoch !== epoch) return [character]
          // The mistake: it does not check whether the character was released since.
          row.state = JSON.stringify(state)
          row.stateVersion = stateVersion
          return []
        }),
    })
  }
  if (bug === 'batch in part') {
    // The mistake: it writes the first half of the batch, and answers that all is saved.
    return override(store, {
      saveMany: async (saves) => {
        const half = Math.ceil(saves.length / 2)
        return [...store.claims.saveMany(saves.slice(0, half)), ...store.claims.notHeld(saves.slice(half))]
      },
    })
  }
  return store
}

/**
 * `seat not returned`: a freed seat stays taken. `line place dropped`: a failed promotion removes the place in line. `login without release`: a login elsewhere
 * never reaches the server where the character is live.
 */
export function buggyDirectory(directory: MemoryDirectory, bug: Bug | undefined): MemoryDirectory {
  if (bug === 'seat not returned') return override(directory, { freeSeat: async () => {} })
  if (bug === 'login without release') {
    return override(directory, { tellServer: async (event) => (event.type === 'letGo' ? undefined : directory.tellServer(event)) })
  }
  if (bug === 'line place dropped') {
    return override(directory, {
      promote: async (entry, request, passing) => {
        const copy = await directory.promote(entry, request, passing)
        if (copy === undefined) await directory.leaveLine(entry.map, entry.id)
        return copy
      },
    })
  }
  return directory
}

/** `item copied before commit`: the receiver gets the item before the transaction has succeeded. */
export function buggyEconomy(economy: Goods, bug: Bug | undefined): Goods {
  if (bug !== 'item copied before commit') return economy
  return {
    itemsOf: (character) => economy.itemsOf(character),
    give: async (gift) => {
      void economy.give(gift).catch(() => undefined)
      return true
    },
  }
}
