import type { Holdings, Item, ItemId, RequestKey } from '../../../model/economy.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { bagOf, WORLD } from './accounts.ts'
import type { Held } from './ledger.ts'
import { type EconomyParts, transact } from './transact.ts'

/** What the world gives: loot, wages, what somebody gathered. */
export interface Grant {
  character: CharacterId
  money?: number
  /** Kinds, one for each thing. */
  items?: readonly string[]
  reason: string
}
/** What somebody uses up, or pays to the world. */
export interface Use {
  character: CharacterId
  money?: number
  items?: readonly ItemId[]
  reason: string
}

/** With `held`, only while the asking server still holds the character (throws EPOCH_STALE). Throws BAG_FULL. */
export function grant(parts: EconomyParts, request: RequestKey, wanted: Grant, held?: Held): Promise<Holdings> {
  const { character, money = 0, items: kinds = [], reason } = wanted
  return transact(parts, { ...request, kind: 'grant', body: { character, money, kinds, reason }, held }, async (ledger) => {
    const bag = bagOf(character)
    await ledger.lock(bag)
    ledger.pay(WORLD, bag, money)
    const items: Item[] = await ledger.make(kinds, bag)
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
