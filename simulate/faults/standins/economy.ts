import type { CharacterId, Epoch } from '../../../model/ids.ts'
import type { MemoryStore } from './memoryStore.ts'

export interface Gift {
  /** Idempotency key: the same gift sent again does nothing and returns the same result. */
  key: string
  item: string
  from: CharacterId
  /** The epoch at which the giver's server holds the character. */
  epoch: Epoch
  to: CharacterId
}

/** The operations that a room may call. */
export type Goods = Pick<Economy, 'give' | 'itemsOf'>

/** A minimal economy: items are rows beside the characters, and one item changes its owner in one transaction. */
export class Economy {
  /** Owners of each item. More than one owner breaks rule M1. */
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

  /** Returns false when the giver does not own the item any more, or when another server holds the giver. */
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
