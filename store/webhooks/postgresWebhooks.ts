import { type Kysely, sql } from 'kysely'
import type { WebhookType } from '../../model/webhooks.ts'
import { mapConnectionErrors } from '../database/connectionErrors.ts'
import { cleanText } from '../database/json.ts'
import type { Tables } from '../tables.ts'
import { sweepWebhooks } from './sweepWebhooks.ts'
import type { DeadWebhook, WebhookFailure, WebhookMessage, Webhooks } from './webhooks.ts'

type Database = Kysely<Tables>
type Row = Omit<WebhookMessage, 'at'> & { at: Date }

/** Longest description of a failure, in characters. */
const PROBLEM_LENGTH = 500
/** Most rows that are counted: a count of the whole table would read it. */
const COUNTED = 100_000
const message = sql`id::float8 AS id, message, at, lane, type, data, attempts`

export function createWebhooks(db: Database): Webhooks {
  const dead = (messages: readonly string[] | undefined) =>
    messages === undefined ? sql`dead_at IS NOT NULL` : sql`dead_at IS NOT NULL AND message = ANY(${[...messages]}::text[])`
  const count = async (statement: ReturnType<typeof sql>): Promise<number> => Number((await statement.execute(db)).numAffectedRows ?? 0)
  return {
    setTypes: (types) => mapConnectionErrors(() => setTypes(db, types)),
    due: (limit, now) => mapConnectionErrors(() => due(db, limit, new Date(now))),
    delivered: (ids) => mapConnectionErrors(async () => void (await sql`DELETE FROM webhook_outbox WHERE id = ANY(${[...ids]}::bigint[])`.execute(db))),
    failed: (failures) => mapConnectionErrors(() => failed(db, failures)),
    sweep: (limits) => mapConnectionErrors(() => sweepWebhooks(db, limits)),
    backlog: () =>
      mapConnectionErrors(async () => {
        const { rows } = await sql<{ pending: number; oldest: Date | null; dead: number }>`
          SELECT (SELECT count(*)::float8 FROM (SELECT FROM webhook_outbox WHERE dead_at IS NULL ORDER BY at LIMIT ${COUNTED}) p) AS pending,
            (SELECT min(at) FROM webhook_outbox WHERE dead_at IS NULL) AS oldest,
            (SELECT count(*)::float8 FROM (SELECT FROM webhook_outbox WHERE dead_at IS NOT NULL ORDER BY dead_at LIMIT ${COUNTED}) d) AS dead`.execute(db)
        const [row] = rows
        return { pending: row?.pending ?? 0, oldestAt: row?.oldest?.getTime(), dead: row?.dead ?? 0 }
      }),
    dead: (limit) =>
      mapConnectionErrors(async () => {
        const { rows } = await sql<Row & { deadAt: Date; problem: string | null }>`
          SELECT ${message}, dead_at AS "deadAt", problem FROM webhook_outbox WHERE dead_at IS NOT NULL ORDER BY dead_at DESC, id DESC LIMIT ${limit}`.execute(
          db,
        )
        return rows.map(({ at, deadAt, problem, ...row }): DeadWebhook => ({ ...row, at: at.getTime(), deadAt: deadAt.getTime(), problem: problem ?? '' }))
      }),
    retry: (messages) =>
      // As if it had just happened, so that it is not too old again at once.
      mapConnectionErrors(() => count(sql`UPDATE webhook_outbox SET dead_at = NULL, attempts = 0, due = '-infinity', at = now() WHERE ${dead(messages)}`)),
    discard: (messages) => mapConnectionErrors(() => count(sql`DELETE FROM webhook_outbox WHERE ${dead(messages)}`)),
  }
}

async function setTypes(db: Database, types: readonly WebhookType[]): Promise<void> {
  const wanted = [...types].sort()
  await sql`UPDATE webhook_settings SET types = ${wanted}::text[] WHERE types IS DISTINCT FROM ${wanted}::text[]`.execute(db)
  if (types.length === 0) await sql`DELETE FROM webhook_outbox WHERE dead_at IS NULL`.execute(db)
}

/** A new message of a lane that waits is due at once. It gets the time of the lane, so that it takes no place in the next batches. */
async function due(db: Database, limit: number, now: Date): Promise<WebhookMessage[]> {
  const { rows } = await sql<Row & { waitsUntil: Date | null }>`
    SELECT ${message}, (SELECT max(e.due) FROM webhook_outbox e WHERE e.lane = b.lane AND e.dead_at IS NULL AND e.id < b.id AND e.due > ${now}) AS "waitsUntil"
    FROM (SELECT * FROM webhook_outbox WHERE dead_at IS NULL AND due <= ${now} ORDER BY due, id LIMIT ${limit}) b ORDER BY b.id`.execute(db)
  const waiting = rows.flatMap(({ id, waitsUntil }) => (waitsUntil === null ? [] : [{ id, until: waitsUntil.getTime() }]))
  for (const [until, of] of Map.groupBy(waiting, (one) => one.until)) {
    await sql`UPDATE webhook_outbox SET due = ${new Date(until)} WHERE id = ANY(${of.map(({ id }) => id)}::bigint[])`.execute(db)
  }
  return rows.flatMap(({ at, waitsUntil, ...row }) => (waitsUntil === null ? [{ ...row, at: at.getTime() }] : []))
}

/** Delays the failed message and all later ones of its lane. */
async function failed(db: Database, failures: readonly WebhookFailure[]): Promise<void> {
  for (const { id, lane, due: at, problem } of failures) {
    await sql`UPDATE webhook_outbox SET due = ${new Date(at)}, attempts = attempts + (id = ${id})::int,
        problem = CASE WHEN id = ${id} THEN ${cleanText(problem).slice(0, PROBLEM_LENGTH)} ELSE problem END
      WHERE lane = ${lane} AND id >= ${id} AND dead_at IS NULL`.execute(db)
  }
}
