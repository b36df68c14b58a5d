import type { CharacterId, Epoch } from '../../../model/ids.ts'
import type { MemoryStore } from './memoryStore.ts'

export interface Gift {
  /** Sent again with the same key it does nothing more, and gets the same answer. */
  key: string
  item: string
  from: CharacterId
  /** What the giver's server believes to hold. */
  epoch: Epoch
  to: CharacterId
}

/** What a room may ask of it. */
export type Goods = Pick<Economy, 'give' | 'itemsOf'>

/** Items as rows beside the characters, the simplest economy there is: one item changes hands in one transaction. */
export class Economy {
  /** Who owns an item; more than one owner is what must never be. */
  readonly owners = new Map<string, Set<CharacterId>>()
  readonly #done = new Map<string, boolean>()
  readonly #store: MemoryStore

  constructor(store: MemoryStore) {
    this.#store = store
  }

  mint(item: string, owner: CharacterId): void {
    this.owners.set(item, new Set([owner]))
  }

  async itemsOf(character: CharacterId): Promise<string[]> {
    return [...this.owners].filter(([, owners]) => owners.has(character)).map(([item]) => item)
  }

  /** `false`: the giver has it no more, or is held by another server. */
  async give(gift: Gift): Promise<boolean> {
    const before = this.#done.get(gift.key)
    if (before !== undefined) return before
    const owners = this.owners.get(gift.item)
    const holds = this.#store.claims.rows.get(gift.from)?.epoch === gift.epoch
    const done = holds && owners?.has(gift.from) === true
    if (done) {
      owners?.delete(gift.from)
      owners?.add(gift.to)
    }
    this.#done.set(gift.key, done)
    return done
  }
}
