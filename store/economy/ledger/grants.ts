import type { Holdings, Item, ItemId, RequestKey } from '../../../model/economy.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { bagOf, WORLD } from './accounts.ts'
import type { Held } from './ledger.ts'
import { type EconomyParts, transact } from './transact.ts'

/** New items and money for a character: loot, wages, gathered resources. */
export interface Grant {
  character: CharacterId
  money?: number
  /** The kind of each new item. */
  items?: readonly string[]
  reason: string
}
/** Items and money that a character uses up or pays to the game. */
export interface Use {
  character: CharacterId
  money?: number
  items?: readonly ItemId[]
  reason: string
}

/** With `held`, throws EPOCH_STALE if the server no longer holds the character. Throws BAG_FULL. */
export function grant(parts: EconomyParts, request: RequestKey, wanted: Grant, held?: Held): Promise<Holdings> {
  const { character, money = 0, items: kinds = [], reason } = wanted
  return transact(parts, { ...request, kind: 'grant', body: { character, money, kinds, reason }, held }, async (ledger) => {
    const bag = bagOf(character)
    await ledger.lock(bag)
    ledger.pay(WORLD, bag, money)
    const items: Item[] = await ledger.create(kinds, bag)
    ledger.note = { reason }
    return { money, items }
  })
}

/** Throws NOT_ENOUGH_MONEY, ITEM_NOT_HELD, EPOCH_STALE. */
export function use(parts: EconomyParts, request: RequestKey, wanted: Use, held?: Held): Promise<Holdings> {
  const { character, money = 0, items: ids = [], reason } = wanted
  return transact(parts, { ...request, kind: 'use', body: { character, money, ids, reason }, held }, async (ledger) => {
    const bag = bagOf(character)
    await ledger.lock(bag)
    ledger.pay(bag, WORLD, money)
    const items = await ledger.give(ids, bag, WORLD)
    ledger.note = { reason }
    return { money, items }
  })
}
