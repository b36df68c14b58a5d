import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely'
import type { CharacterId, CopyId, GuildId } from '../../model/ids.ts'
import type { LedgerAccount } from './ledger/accounts.ts'

/** Current balance of a character, a guild or an escrow. Can be rebuilt from the log. */
interface Accounts {
  id: string
  character: CharacterId | null
  guild: GuildId | null
  balance: Generated<number>
}

/** The items that exist; used items are only in the log. */
interface Items {
  id: string
  kind: string
  holder: string
}

/** The log, append-only by a trigger. `seq` is assigned while all changed accounts are locked, so it orders the transactions of each account. */
interface Transactions {
  id: string
  seq: GeneratedAlways<number>
  kind: string
  actor: string
  at: Date
  note: JSONColumnType<Record<string, unknown>>
  compensates: string | null
}
interface Postings {
  transaction: string
  account: LedgerAccount
  amount: number
}
interface ItemMoves {
  transaction: string
  item: string
  kind: string
  giver: string
  taker: string
}

/** Requests by key, each with its result: `answer` or `refusal`. */
interface Requests {
  actor: string
  key: string
  fingerprint: string
  at: Date
  transaction: string | null
  answer: ColumnType<unknown, string | null, string | null>
  refusal: ColumnType<{ code: string; details: Record<string, string | number> } | null, string | null, string | null>
}

/** The escrow account of a mail holds its attachments. `full`: they have not been taken. */
interface Mails {
  id: string
  writer: string
  reader: string
  house: boolean
  subject: string
  body: string
  sent_at: Date
  expires_at: Date | null
  returned: Generated<boolean>
  state: 'full' | 'empty' | 'deleted'
}

/** The escrow account of an auction holds its items and the highest bid. */
interface Auctions {
  id: string
  seller: string
  start_price: number
  buyout: number | null
  ends_at: Date
  bid: number | null
  bidder: string | null
  state: 'open' | 'sold' | 'unsold' | 'cancelled'
}

/** Each side of a trade has an escrow account that holds its offer. */
interface Trades {
  id: string
  copy: CopyId
  a: string
  b: string
  epoch_a: number
  epoch_b: number
  version: Generated<number>
  confirmed_a: Generated<boolean>
  confirmed_b: Generated<boolean>
  state: 'open' | 'done' | 'cancelled'
  opened_at: Date
  reason: string | null
}

interface GuildRanks {
  character: CharacterId
  guild: GuildId
  rank: 'leader' | 'officer'
}
interface GuildInvitations {
  guild: GuildId
  character: CharacterId
  inviter: string | null
  expires_at: Date
}

export interface EconomyTables {
  accounts: Accounts
  items: Items
  transactions: Transactions
  postings: Postings
  item_moves: ItemMoves
  requests: Requests
  mails: Mails
  auctions: Auctions
  trades: Trades
  guild_ranks: GuildRanks
  guild_invitations: GuildInvitations
}
