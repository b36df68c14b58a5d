import type { AuctionId, MailId, TradeId } from '../../../model/economy.ts'
import type { CharacterId, GuildId } from '../../../model/ids.ts'

/** Where money and items are. */
export type AccountId = string

/** Where everything comes from and where what is used up goes. It has no row: its balance is the sum of all others, negated. */
export const WORLD: AccountId = 'world'
export const bagOf = (character: CharacterId): AccountId => `character:${character}`
export const bankOf = (guild: GuildId): AccountId => `guild:${guild}`
export const letterOf = (mail: MailId): AccountId => `mail:${mail}`
export const lotOf = (auction: AuctionId): AccountId => `auction:${auction}`
export const tableOf = (trade: TradeId, side: 0 | 1): AccountId => `trade:${trade}:${side}`

export type Owner = { character: CharacterId | null; guild: GuildId | null }

export function ownerOf(account: AccountId): Owner {
  const [kind = '', id = ''] = split(account)
  return { character: kind === 'character' ? id : null, guild: kind === 'guild' ? id : null }
}

/** The first colon divides: ids are the identity provider's, and may have some of their own. */
export function split(account: AccountId): [kind: string, id: string] {
  const at = account.indexOf(':')
  return at < 0 ? [account, ''] : [account.slice(0, at), account.slice(at + 1)]
}
