import type { AuctionId, MailId, TradeId } from '../../../model/economy.ts'
import type { CharacterId, GuildId } from '../../../model/ids.ts'

/** Id of an account, which holds money and items. */
export type AccountId = string

/** The source of new items and money, and the sink of used ones. It has no row: its balance is the negated sum of all other accounts. */
export const WORLD: AccountId = 'world'
export const bagOf = (character: CharacterId): AccountId => `character:${character}`
export const bankOf = (guild: GuildId): AccountId => `guild:${guild}`
export const mailEscrowOf = (mail: MailId): AccountId => `mail:${mail}`
export const auctionEscrowOf = (auction: AuctionId): AccountId => `auction:${auction}`
export const tradeEscrowOf = (trade: TradeId, side: 0 | 1): AccountId => `trade:${trade}:${side}`

export type Owner = { character: CharacterId | null; guild: GuildId | null }

export function ownerOf(account: AccountId): Owner {
  const [kind = '', id = ''] = split(account)
  return { character: kind === 'character' ? id : null, guild: kind === 'guild' ? id : null }
}

/** Splits at the first colon, because ids of the identity provider may contain colons. */
export function split(account: AccountId): [kind: string, id: string] {
  const at = account.indexOf(':')
  return at < 0 ? [account, ''] : [account.slice(0, at), account.slice(at + 1)]
}
