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
import type { GuildMember, Membership } from './guilds/guilds.ts'
import type { Grant, Use } from './ledger/grants.ts'
import type { Held } from './ledger/ledger.ts'
import type { Offer } from './market/auctions.ts'
import type { Letter } from './market/mail.ts'
import type { TradeOffer } from './market/trades.ts'

export type { Held } from './ledger/ledger.ts'

/**
 * Items and money (rule M1). Whatever moves them takes a `RequestKey`: the same key again gets the first answer and changes
 * nothing, so that whoever got no answer (DEPENDENCY_DOWN) asks again under it. What a game server asks for a character it
 * holds is fenced by `held` (EPOCH_STALE). All of them throw CHARACTER_UNKNOWN, REQUEST_KEY_REUSED, DEPENDENCY_DOWN.
 */
export interface Economy {
  holdings(character: CharacterId): Promise<Holdings>
  /** From the world: loot, wages. Throws BAG_FULL. */
  grant(request: RequestKey, grant: Grant, held?: Held): Promise<Holdings>
  /** To the world: used up, or paid. Throws NOT_ENOUGH_MONEY, ITEM_NOT_HELD. */
  use(request: RequestKey, use: Use, held?: Held): Promise<Holdings>

  /** Both live in `copy`. Throws TRADE_BUSY, EPOCH_STALE. */
  openTrade(request: RequestKey, copy: CopyId, sides: readonly [Held, Held]): Promise<{ trade: TradeId }>
  /** Replaces one side's offer. Throws TRADE_UNKNOWN, TRADE_CLOSED, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, EPOCH_STALE. */
  offer(request: RequestKey, character: CharacterId, trade: TradeId, offer: TradeOffer): Promise<{ version: number }>
  /** Throws TRADE_UNKNOWN, TRADE_CLOSED, TRADE_CHANGED, BAG_FULL, EPOCH_STALE. */
  confirm(request: RequestKey, character: CharacterId, trade: TradeId, version: number): Promise<{ state: 'open' | 'done' }>
  /** Throws TRADE_UNKNOWN. */
  cancelTrade(request: RequestKey, trade: TradeId, reason: string): Promise<{ state: Trade['state'] }>
  trade(trade: TradeId): Promise<Trade | undefined>

  /** Throws MAILBOX_FULL, NOT_ENOUGH_MONEY, ITEM_NOT_HELD. */
  sendMail(request: RequestKey, from: CharacterId, letter: Letter): Promise<{ mail: MailId }>
  /** Throws MAIL_UNKNOWN, BAG_FULL. */
  takeMail(request: RequestKey, reader: CharacterId, mail: MailId): Promise<Holdings>
  /** Throws MAIL_UNKNOWN, ECONOMY_REFUSED. */
  deleteMail(request: RequestKey, reader: CharacterId, mail: MailId): Promise<{ deleted: true }>
  mail(reader: CharacterId): Promise<Mail[]>

  /** Throws ITEM_NOT_HELD, ECONOMY_REFUSED. */
  listAuction(request: RequestKey, seller: CharacterId, offer: Offer): Promise<{ auction: AuctionId }>
  /** Throws AUCTION_UNKNOWN, AUCTION_OVER, BID_TOO_LOW, NOT_ENOUGH_MONEY, ECONOMY_REFUSED. */
  bid(request: RequestKey, bidder: CharacterId, auction: AuctionId, amount: number): Promise<{ bid: number }>
  /** Throws AUCTION_UNKNOWN, AUCTION_OVER, NOT_ENOUGH_MONEY, ECONOMY_REFUSED. */
  buyOut(request: RequestKey, buyer: CharacterId, auction: AuctionId): Promise<{ price: number; mail: MailId }>
  /** Throws AUCTION_UNKNOWN, AUCTION_OVER, ECONOMY_REFUSED. */
  cancelAuction(request: RequestKey, seller: CharacterId, auction: AuctionId): Promise<{ mail: MailId }>
  /** Open ones; those that end next, first. */
  auctions(limit: number): Promise<Auction[]>

  /** Throws GUILD_REFUSED. */
  foundGuild(founder: CharacterId, name: string): Promise<GuildId>
  inviteToGuild(by: CharacterId, character: CharacterId): Promise<GuildId>
  joinGuild(character: CharacterId, guild: GuildId): Promise<void>
  /** Oneself, or somebody of a lower rank. */
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
  /** A refund: undoes one transaction by another. Throws TRANSACTION_UNKNOWN, ROLLBACK_BLOCKED. */
  rollback(request: RequestKey, transaction: TransactionId, reason: string): Promise<{ transaction: TransactionId; undone: TransactionHistory }>
  /** Ends auctions and letters whose time is over, and trades whose two have parted; returns how many. */
  tidy(): Promise<number>
  /** Rebuilds everything from the log and compares. */
  audit(): Promise<AuditReport>
}
