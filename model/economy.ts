import type { Instant } from './clock.ts'
import type { CharacterId } from './ids.ts'

/** One thing that somebody owns. Its id is unique for ever: it is how a copy of it would be found out (rule M1). */
export interface Item {
  id: ItemId
  /** What it is, in the game's own words: `wood`, `sword of dawn`. */
  kind: string
}
export type ItemId = string
export type TransactionId = string
export type MailId = string
export type AuctionId = string
export type TradeId = string

/** What a character, a guild or an escrow holds. Money is whole coins. */
export interface Holdings {
  money: number
  items: Item[]
}

/**
 * Who asks, and under which key. The same key again gets the first answer and changes nothing; keys of different actors
 * do not meet. An actor is a character, or `server:…`, `keeper`, `operator:…`.
 */
export interface RequestKey {
  actor: string
  key: string
}

/** One entry of the log: nothing of it ever changes. Money and items left and reached accounts by it, in sum nothing. */
export interface Transaction {
  id: TransactionId
  at: Instant
  actor: string
  /** `mail.send`, `auction.bid`, … */
  kind: string
  /** What it was about: ids of the mail, the auction, the reason. */
  note: Record<string, unknown>
  /** Set on the transaction that undid another. */
  compensates?: TransactionId
  money: { account: string; amount: number }[]
  items: { item: ItemId; kind: string; from: string; to: string }[]
}

/** A transaction, and the later ones that touched the same items or the same money. */
export interface TransactionHistory {
  transaction: Transaction
  compensatedBy?: TransactionId
  followed: Transaction[]
}

export interface Mail {
  id: MailId
  from: CharacterId
  to: CharacterId
  /** Who writes as far as the reader is concerned: a character's letter, or what the auction house delivers. */
  sender: 'character' | 'auction house'
  subject: string
  body: string
  sent: Instant
  /** Attachments that nobody took by then go back, once; letters of the auction house and returned ones wait for ever. */
  expires?: Instant
  returned: boolean
  attached: Holdings
}

export interface Auction {
  id: AuctionId
  seller: CharacterId
  items: Item[]
  startPrice: number
  buyout?: number
  ends: Instant
  bid?: { amount: number; bidder: CharacterId }
  state: 'open' | 'sold' | 'unsold' | 'cancelled'
}

/** Both sides see the same version; what is offered is in escrow. Any change raises the version and takes both confirmations back. */
export interface Trade {
  id: TradeId
  state: 'open' | 'done' | 'cancelled'
  version: number
  sides: [TradeSide, TradeSide]
}
export interface TradeSide extends Holdings {
  character: CharacterId
  confirmed: boolean
}

export type GuildRank = 'leader' | 'officer' | 'member'

/** What the economy found when it was rebuilt from its log. All counts of a sound one are zero. */
export interface AuditReport {
  at: Instant
  accounts: number
  items: number
  transactions: number
  /** Coins in the hands of characters, guilds and escrows. */
  money: number
  /** In the log, and in no hands. */
  lostItems: number
  /** In hands and not in the log, or given away twice by the same holder. */
  duplicatedItems: number
  /** In other hands than the log says. */
  misplacedItems: number
  /** Sum of all differences between balances and the log, whatever their sign. */
  moneyDifference: number
  /** Transactions whose money does not add up to nothing. */
  unbalancedTransactions: number
  /** Escrows that hold something although their mail, auction or trade is over, or that hold less than it needs. */
  wrongEscrows: number
  /** At most some of each kind, in words. */
  findings: string[]
}

/** Checked on the server only; the client may show them. */
export const limits = {
  bagItems: 200,
  bankItems: 1_000,
  /** In one transaction. Sums of many stay far below 2^53. */
  money: 1_000_000_000,
  itemsAtOnce: 12,
  mailbox: 100,
  subject: 80,
  body: 2_000,
  openAuctions: 50,
} as const

/** What the auction house keeps of a price; it leaves the world, or prices would only ever rise. */
export const auctionCut = 0.05
/** The next bid is at least so much above the last. */
export const bidStep = 0.05

/** What each rank may take out of the guild's bank in 24 hours; everybody may put in. */
export const bankRights: Record<GuildRank, { coins: number; items: number }> = {
  leader: { coins: Number.POSITIVE_INFINITY, items: Number.POSITIVE_INFINITY },
  officer: { coins: 10_000, items: 50 },
  member: { coins: 100, items: 0 },
}
