import { type Kysely, type RawBuilder, sql } from 'kysely'
import { DAY_MS, type DurationMs, type Instant } from '../../model/clock.ts'
import { deleteInBatches, inBatches } from '../database/inBatches.ts'
import type { Tables } from '../tables.ts'
import { removeEmptyGuilds } from './guilds/emptyGuilds.ts'
import { UNDOABLE_MS } from './ledger/rollback.ts'
import type { EconomyParts } from './ledger/transact.ts'
import { removeExpiredMail } from './market/mail.ts'

/** How long the keys of accepted requests are kept, in ms. A request is not repeated later; its effect stays in the log. */
const ACCEPTED_MS = 30 * DAY_MS
/** How long the keys of refused requests are kept, in ms. Refusals cost their sender nothing, so they are the cheapest way to fill the table. */
const REFUSED_MS = DAY_MS
/** Most rows of each kind that one call removes; the next call continues. Bounds how long the end of a process waits for its sweep. */
const MOST_ROWS = 50_000
/** Rows whose escrow accounts go with them, per statement: for each account PostgreSQL looks for items. */
const ESCROW_BATCH_SIZE = 500

/**
 * Removes rows that no longer have an effect, in batches, until none is left: keys of old requests, letters, auctions and trades that ended long ago, with
 * their empty escrow accounts, old invitations, guilds without members. The log (`transactions`, `postings`, `item_moves`) is never touched.
 */
export async function tidy(parts: EconomyParts): Promise<void> {
  const { db, clock } = parts
  const now = clock.now()
  await deleteInBatches(db, { table: 'requests', where: sql`refusal IS NOT NULL AND at < ${new Date(now - REFUSED_MS)}`, by: 'at', mostRows: MOST_ROWS })
  await deleteInBatches(db, { table: 'requests', where: sql`at < ${new Date(now - ACCEPTED_MS)}`, by: 'at', mostRows: MOST_ROWS })
  await deleteInBatches(db, { table: 'guild_invitations', where: sql`expires_at < ${new Date(now)}`, by: 'expires_at', mostRows: MOST_ROWS })
  await inBatches(ESCROW_BATCH_SIZE, (size) => removeExpiredMail(db, now, size), MOST_ROWS)
  for (const kind of ended) await inBatches(ESCROW_BATCH_SIZE, (size) => removeEnded(db, kind, now, size), MOST_ROWS)
  await removeEmptyGuilds(parts)
}

/** Rows that are removed together with their escrow accounts, whose ids are `prefix`, the row's id and a side. */
interface Ended {
  table: 'mails' | 'auctions' | 'trades'
  prefix: string
  sides: readonly string[]
  /** When a row ended, as its index has it. */
  endedAt: RawBuilder<unknown>
  where: RawBuilder<unknown>
  /** How long a row is kept after it ended, in ms. */
  keptMs: DurationMs
}

const ended: readonly Ended[] = [
  { table: 'mails', prefix: 'mail:', sides: [''], endedAt: sql`coalesce(r.expires_at, r.sent_at)`, where: sql`r.state = 'deleted'`, keptMs: 0 },
  { table: 'auctions', prefix: 'auction:', sides: [''], endedAt: sql`r.ends_at`, where: sql`r.state <> 'open'`, keptMs: UNDOABLE_MS },
  { table: 'trades', prefix: 'trade:', sides: [':0', ':1'], endedAt: sql`r.opened_at`, where: sql`r.state <> 'open'`, keptMs: UNDOABLE_MS },
]

/**
 * Removes up to `limit` rows with their escrow accounts; returns how many rows. Skips rows that somebody holds. The order of locks is that of all transactions:
 * first the row of the letter, auction or trade, then its accounts. An escrow that is not empty, which the audit reports, keeps its row.
 */
async function removeEnded(db: Kysely<Tables>, { table, prefix, sides, endedAt, where, keptMs }: Ended, now: Instant, limit: number): Promise<number> {
  const each = sql`unnest(ARRAY[${sql.join(sides.map((side) => sql.lit(side)))}]) side`
  const escrow = (id: RawBuilder<unknown>) => sql`(${sql.lit(prefix)} || ${id} || side) COLLATE "C"`
  const { rows } = await sql`
    WITH gone AS (
      DELETE FROM ${sql.table(table)} WHERE ctid = ANY(ARRAY(
        SELECT r.ctid FROM ${sql.table(table)} r WHERE ${where} AND ${endedAt} <= ${new Date(now - keptMs)}
          AND NOT EXISTS (SELECT FROM accounts a, ${each} WHERE a.id = ${escrow(sql`r.id`)} AND a.balance <> 0)
          AND NOT EXISTS (SELECT FROM items i, ${each} WHERE i.holder = ${escrow(sql`r.id`)})
        ORDER BY ${endedAt} LIMIT ${limit} FOR UPDATE OF r SKIP LOCKED)) RETURNING id
    ), emptied AS (
      DELETE FROM accounts WHERE id = ANY(ARRAY(SELECT ${escrow(sql`id`)} FROM gone, ${each})) AND balance = 0
    ) SELECT FROM gone`.execute(db)
  return rows.length
}
