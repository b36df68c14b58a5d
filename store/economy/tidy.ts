import { type Kysely, sql } from 'kysely'
import { DAY_MS, type Instant } from '../../model/clock.ts'
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
  for (const remove of [removeMails, removeAuctions, removeTrades]) await inBatches(ESCROW_BATCH_SIZE, (size) => remove(db, now, size), MOST_ROWS)
  await removeEmptyGuilds(parts)
}

/*
 * Each of these removes rows together with their escrow accounts, and skips rows that somebody holds. The order of locks is that of all transactions: first
 * the row of the letter, auction or trade, then its accounts. An escrow that is not empty, which the audit reports, keeps its row.
 */

async function removeMails(db: Kysely<Tables>, now: Instant, limit: number): Promise<number> {
  const { rows } = await sql`
    WITH gone AS (
      DELETE FROM mails WHERE ctid = ANY(ARRAY(
        SELECT m.ctid FROM mails m WHERE m.state = 'deleted' AND coalesce(m.expires_at, m.sent_at) <= ${new Date(now)}
          AND NOT EXISTS (SELECT FROM accounts a WHERE a.id = ('mail:' || m.id) COLLATE "C" AND a.balance <> 0)
          AND NOT EXISTS (SELECT FROM items i WHERE i.holder = ('mail:' || m.id) COLLATE "C")
        ORDER BY coalesce(m.expires_at, m.sent_at) LIMIT ${limit} FOR UPDATE SKIP LOCKED)) RETURNING id
    ), emptied AS (
      DELETE FROM accounts WHERE id = ANY(ARRAY(SELECT ('mail:' || id) COLLATE "C" FROM gone)) AND balance = 0
    ) SELECT FROM gone`.execute(db)
  return rows.length
}

async function removeAuctions(db: Kysely<Tables>, now: Instant, limit: number): Promise<number> {
  const { rows } = await sql`
    WITH gone AS (
      DELETE FROM auctions WHERE ctid = ANY(ARRAY(
        SELECT o.ctid FROM auctions o WHERE o.state <> 'open' AND o.ends_at <= ${new Date(now - UNDOABLE_MS)}
          AND NOT EXISTS (SELECT FROM accounts a WHERE a.id = ('auction:' || o.id) COLLATE "C" AND a.balance <> 0)
          AND NOT EXISTS (SELECT FROM items i WHERE i.holder = ('auction:' || o.id) COLLATE "C")
        ORDER BY o.ends_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)) RETURNING id
    ), emptied AS (
      DELETE FROM accounts WHERE id = ANY(ARRAY(SELECT ('auction:' || id) COLLATE "C" FROM gone)) AND balance = 0
    ) SELECT FROM gone`.execute(db)
  return rows.length
}

async function removeTrades(db: Kysely<Tables>, now: Instant, limit: number): Promise<number> {
  const { rows } = await sql`
    WITH gone AS (
      DELETE FROM trades WHERE ctid = ANY(ARRAY(
        SELECT t.ctid FROM trades t WHERE t.state <> 'open' AND t.opened_at <= ${new Date(now - UNDOABLE_MS)}
          AND NOT EXISTS (SELECT FROM accounts a, unnest(ARRAY[':0', ':1']) side WHERE a.id = ('trade:' || t.id || side) COLLATE "C" AND a.balance <> 0)
          AND NOT EXISTS (SELECT FROM items i, unnest(ARRAY[':0', ':1']) side WHERE i.holder = ('trade:' || t.id || side) COLLATE "C")
        ORDER BY t.opened_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)) RETURNING id
    ), emptied AS (
      DELETE FROM accounts WHERE id = ANY(ARRAY(SELECT ('trade:' || id || side) COLLATE "C" FROM gone, unnest(ARRAY[':0', ':1']) side)) AND balance = 0
    ) SELECT FROM gone`.execute(db)
  return rows.length
}
