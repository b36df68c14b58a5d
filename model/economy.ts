import type { Instant } from './clock.ts'
import type { CharacterId, LedgerAccount } from './ids.ts'

/** One item. Its id is unique and never reused, so that the audit can detect a duplicated item (rule M1). */
export interface Item {
  id: ItemId
  /** Item type, named by the game: `wood`, `sword of dawn`. */
  kind: string
}
export type ItemId = string
export type TransactionId = string
export type MailId = string
export type AuctionId = string
export type TradeId = string

/** The contents of one account (of a character, a guild or an escrow). Money is whole coins. */
export interface Holdings {
  money: number
  items: Item[]
}

/**
 * Idempotency key of a request, and the actor that sent it. A repeated key returns the first answer and changes nothing. The same key from another
 * actor is a different request. An actor is a character's id, `server:…`, `keeper` or `operator:…`.
 */
export interface RequestKey {
  actor: string
  key: string
}

/** One immutable entry of the ledger: the money and items that it moved between accounts. The amounts of money sum to zero. */
export interface Transaction {
  id: TransactionId
  at: Instant
  actor: string
  /** `mail.send`, `auction.bid`, … */
  kind: string
  /** Context: the id of the mail or auction, or the operator's reason. */
  note: Record<string, unknown>
  /** Set on a rollback: the transaction that it undid. */
  compensates?: TransactionId
  money: { account: LedgerAccount; amount: number }[]
  items: { item: ItemId; kind: string; from: string; to: string }[]
}

/** A transaction, with the later transactions that touched the same items or the same money. */
export interface TransactionHistory {
  transaction: Transaction
  compensatedBy?: TransactionId
  followed: Transaction[]
}

export interface Mail {
  id: MailId
  from: CharacterId
  to: CharacterId
  /** The sender that the reader sees: another character, or the auction house. */
  sender: 'character' | 'auction house'
  subject: string
  body: string
  sent: Instant
  /**
   * Attachments that are not taken before this instant go back to the sender, once, and a letter without attachments is removed. Absent on returned letters and
   * letters of the auction house until their attachments are taken.
   */
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

/** A trade between two characters. Offered items and money are in escrow. Every change raises the version and clears both confirmations. */
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

export const guildRanks = ['leader', 'officer', 'member'] as const
export type GuildRank = (typeof guildRanks)[number]

/** Result of comparing all accounts with the ledger. The counts from `lostItems` on are zero when they agree. */
export interface AuditReport {
  at: Instant
  accounts: number
  items: number
  transactions: number
  /** Sum of all coins in the accounts of characters, guilds and escrows. */
  money: number
  /** Items that the ledger knows and no account holds. */
  lostItems: number
  /** Items that an account holds and the ledger does not know, or that the same account gave away twice. */
  duplicatedItems: number
  /** Items in another account than the ledger says. */
  misplacedItems: number
  /** Sum of the absolute differences between balances and the ledger, in coins. */
  moneyDifference: number
  /** Transactions whose amounts of money do not sum to zero. */
  unbalancedTransactions: number
  /** Escrows that hold something after their mail, auction or trade has ended, or hold less than it requires. */
  wrongEscrows: number
  /** Examples as text: a limited number of each kind. */
  findings: string[]
}

/** Limits of the economy. The server enforces them; a client may show them. */
export const limits = {
  bagItems: 200,
  bankItems: 1_000,
  /** Most coins in one transaction. Sums of many transactions stay far below 2^53, the limit of exact integers. */
  money: 1_000_000_000,
  itemsAtOnce: 12,
  mailbox: 100,
  subject: 80,
  body: 2_000,
  /** Letters of one sender in 24 hours that cost nothing; each further one costs `postage`. */
  freeLetters: 200,
  /** Coins that leave the world for a letter above `freeLetters`. */
  postage: 5,
  /** Most letters of one sender in 24 hours. */
  lettersPerDay: 500,
  /** Most letters of one sender whose attachments nobody has taken, returned ones included. */
  untakenLetters: 200,
  openAuctions: 50,
  /** Most auctions of one seller in 24 hours, ended ones included. */
  auctionsPerDay: 200,
  /** Most guilds that one character founds in seven days. */
  guildsFounded: 3,
  /** Most open invitations of one guild. */
  guildInvitations: 200,
} as const

/** Share of a sale price that the auction house keeps. These coins leave the world, which counters inflation. */
export const auctionCut = 0.05
/** Smallest raise over the last bid, as a share of it. */
export const bidStep = 0.05

/** The most that each rank may withdraw from the guild bank in 24 hours. Every rank may deposit. */
export const bankRights: Record<GuildRank, { coins: number; items: number }> = {
  leader: { coins: Number.POSITIVE_INFINITY, items: Number.POSITIVE_INFINITY },
  officer: { coins: 10_000, items: 50 },
  member: { coins: 100, items: 0 },
}
