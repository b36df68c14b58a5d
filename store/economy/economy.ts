import type {
  Auction,
  AuctionId,
  AuditReport,
  GuildRank,
  Holdings,
  Mail,
  MailId,
  RequestKey,
  Trade,
  TradeId,
  TransactionHistory,
  TransactionId,
} from '../../model/economy.ts'
import type { CharacterId, CopyId, GuildId } from '../../model/ids.ts'
import type { BankMove } from './guilds/guildBank.ts'
import type { GuildInvitation, GuildMember, Membership } from './guilds/guilds.ts'
import type { Grant, Use } from './ledger/grants.ts'
import type { Held } from './ledger/ledger.ts'
import type { Offer } from './market/auctions.ts'
import type { MailDraft } from './market/mail.ts'
import type { TradeOffer } from './market/trades.ts'

export type { Held } from './ledger/ledger.ts'

/**
 * Items and money (rule M1). Every call that moves them takes a `RequestKey`. A repeated key returns the first answer and changes nothing, so a
 * caller without an answer (DEPENDENCY_DOWN) repeats the call with the same key. `held` fences the request of a game server: it fails
 * (EPOCH_STALE) if the server no longer holds the character. The rights of a game server allow `grant` and `use` with `held`, `holdings`, and the calls of
 * trades; the database refuses it the others. All calls throw CHARACTER_UNKNOWN, REQUEST_KEY_REUSED, DEPENDENCY_DOWN.
 */
export interface Economy {
  holdings(character: CharacterId): Promise<Holdings>
  /** Gives a character new items and money, for example loot. Throws BAG_FULL. */
  grant(request: RequestKey, grant: Grant, held?: Held): Promise<Holdings>
  /** Removes items and money that a character uses up or pays to the game. Throws NOT_ENOUGH_MONEY, ITEM_NOT_HELD. */
  use(request: RequestKey, use: Use, held?: Held): Promise<Holdings>

  /** Both characters must be live in `copy`. Throws TRADE_BUSY, EPOCH_STALE. */
  openTrade(request: RequestKey, copy: CopyId, sides: readonly [Held, Held]): Promise<{ trade: TradeId }>
  /** Replaces the offer of one side. Throws TRADE_UNKNOWN, TRADE_CLOSED, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, EPOCH_STALE. */
  offer(request: RequestKey, character: CharacterId, trade: TradeId, offer: TradeOffer): Promise<{ version: number }>
  /** Throws TRADE_UNKNOWN, TRADE_CLOSED, TRADE_CHANGED, BAG_FULL, EPOCH_STALE. */
  confirm(request: RequestKey, character: CharacterId, trade: TradeId, version: number): Promise<{ state: 'open' | 'done' }>
  /** Throws TRADE_UNKNOWN. */
  cancelTrade(request: RequestKey, trade: TradeId, reason: string): Promise<{ state: Trade['state'] }>
  trade(trade: TradeId): Promise<Trade | undefined>

  /** Throws MAILBOX_FULL, NOT_ENOUGH_MONEY (postage included), ITEM_NOT_HELD, ECONOMY_REFUSED (too many letters). */
  sendMail(request: RequestKey, from: CharacterId, mail: MailDraft): Promise<{ mail: MailId }>
  /** Throws MAIL_UNKNOWN, BAG_FULL. */
  takeMail(request: RequestKey, reader: CharacterId, mail: MailId): Promise<Holdings>
  /** Throws MAIL_UNKNOWN, ECONOMY_REFUSED. */
  deleteMail(request: RequestKey, reader: CharacterId, mail: MailId): Promise<{ deleted: true }>
  mail(reader: CharacterId): Promise<Mail[]>

  /** Throws ITEM_NOT_HELD, ECONOMY_REFUSED. */
  listAuction(request: RequestKey, seller: CharacterId, offer: Offer): Promise<{ auction: AuctionId }>
  /** Throws AUCTION_UNKNOWN, AUCTION_OVER (also when bidder or seller blocks the other), BID_TOO_LOW, NOT_ENOUGH_MONEY, ECONOMY_REFUSED. */
  bid(request: RequestKey, bidder: CharacterId, auction: AuctionId, amount: number): Promise<{ bid: number }>
  /** Throws AUCTION_UNKNOWN, AUCTION_OVER (as for a bid), NOT_ENOUGH_MONEY, ECONOMY_REFUSED. */
  buyOut(request: RequestKey, buyer: CharacterId, auction: AuctionId): Promise<{ price: number; mail: MailId }>
  /** Throws AUCTION_UNKNOWN, AUCTION_OVER, ECONOMY_REFUSED. */
  cancelAuction(request: RequestKey, seller: CharacterId, auction: AuctionId): Promise<{ mail: MailId }>
  /** The open auctions, earliest end first. With `viewer`: without those of sellers that a block keeps from it, except where its bid is the highest. */
  auctions(limit: number, viewer?: CharacterId): Promise<Auction[]>

  /** Throws GUILD_REFUSED: the name is taken, or the founder has founded too many guilds lately. */
  foundGuild(founder: CharacterId, name: string): Promise<GuildId>
  inviteToGuild(by: CharacterId, character: CharacterId): Promise<GuildId>
  guildInvitations(character: CharacterId): Promise<GuildInvitation[]>
  joinGuild(character: CharacterId, guild: GuildId): Promise<void>
  declineGuild(character: CharacterId, guild: GuildId): Promise<void>
  /** Removes `by` itself, or a member of a lower rank. */
  leaveGuild(by: CharacterId, character?: CharacterId): Promise<void>
  setGuildRank(by: CharacterId, character: CharacterId, rank: GuildRank): Promise<void>
  /** Throws GUILD_UNKNOWN. */
  membership(character: CharacterId): Promise<Membership>
  guildMembers(guild: GuildId): Promise<GuildMember[]>
  /** Throws GUILD_UNKNOWN, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, BAG_FULL. */
  deposit(request: RequestKey, character: CharacterId, what: BankMove): Promise<Holdings>
  /** Throws GUILD_UNKNOWN, GUILD_REFUSED, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, BAG_FULL. */
  withdraw(request: RequestKey, character: CharacterId, what: BankMove): Promise<Holdings>
  bank(character: CharacterId): Promise<Holdings>

  /** Throws TRANSACTION_UNKNOWN. */
  history(transaction: TransactionId): Promise<TransactionHistory>
  /** A refund: undoes one transaction with a second one. Throws TRANSACTION_UNKNOWN, ROLLBACK_BLOCKED. */
  rollback(request: RequestKey, transaction: TransactionId, reason: string): Promise<{ transaction: TransactionId; undone: TransactionHistory }>
  /**
   * Ends expired auctions and mail, and trades whose characters are no longer both live in the copy; returns how many. Then removes rows without an effect: see
   * `tidy.ts`.
   */
  sweep(): Promise<number>
  /** Rebuilds all balances and inventories from the log, and compares them with the current state. */
  audit(): Promise<AuditReport>
}
