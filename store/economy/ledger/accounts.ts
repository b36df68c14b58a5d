import type { AuctionId, MailId, TradeId } from '../../../model/economy.ts'
import type { CharacterId, GuildId, LedgerAccount } from '../../../model/ids.ts'

export type { LedgerAccount }

/** The source of new items and money, and the sink of used ones. It has no row: its balance is the negated sum of all other accounts. */
export const WORLD: LedgerAccount = 'world'
export const bagOf = (character: CharacterId): LedgerAccount => `character:${character}`
export const bankOf = (guild: GuildId): LedgerAccount => `guild:${guild}`
export const mailEscrowOf = (mail: MailId): LedgerAccount => `mail:${mail}`
export const auctionEscrowOf = (auction: AuctionId): LedgerAccount => `auction:${auction}`
export const tradeEscrowOf = (trade: TradeId, side: 0 | 1): LedgerAccount => `trade:${trade}:${side}`

/** Splits at the first colon, because ids of the identity provider may contain colons. */
export function split(account: LedgerAccount): [kind: string, id: string] {
  const at = account.indexOf(':')
  return at < 0 ? [account, ''] : [account.slice(0, at), account.slice(at + 1)]
}
