import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely'

/** Who holds what at this moment: a character, a guild, or one escrow. Can be rebuilt from the log. */
interface Accounts {
  id: string
  character: string | null
  guild: string | null
  balance: Generated<number>
}

/** Things that exist; what was used up is in the log only. */
interface Items {
  id: string
  kind: string
  holder: string
}

/** The log: append-only by trigger. `seq` is given while all touched accounts are locked, so it is the order of what happened to each. */
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
  account: string
  amount: number
}
interface ItemMoves {
  transaction: string
  item: string
  kind: string
  giver: string
  taker: string
}

/** What was asked under which key, and what was answered: either `answer` or `refusal`. */
interface Requests {
  actor: string
  key: string
  fingerprint: string
  at: Date
  transaction: string | null
  answer: ColumnType<unknown, string | null, string | null>
  refusal: ColumnType<{ code: string; details: Record<string, string | number> } | null, string | null, string | null>
}

/** Its attachments are what its account holds. `full`: they are still there. */
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

/** Its account holds what is sold, and the highest bid. */
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

/** Each side has an account: what it offers. */
interface Trades {
  id: string
  copy: string
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
  character: string
  guild: string
  rank: 'leader' | 'officer'
}
interface GuildInvitations {
  guild: string
  character: string
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
