import { sql } from 'kysely'
import { DAY_MS } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { Ledger } from './ledger.ts'

interface Quota {
  actor: string
  /** Kind of the transactions in the log. */
  kind: string
  limit: number
  /** What the transactions make, for the message: `letters`. */
  things: string
}

/**
 * Throws ECONOMY_REFUSED when the actor has made `limit` transactions of this kind in the last 24 hours; else returns how many. An account of the actor must be
 * locked, so that two concurrent requests do not both use the last one.
 */
export async function requireDailyQuota({ db, now }: Ledger, { actor, kind, limit, things }: Quota): Promise<number> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM (
    SELECT FROM transactions WHERE actor = ${actor} AND kind = ${kind} AND at > ${new Date(now - DAY_MS)} LIMIT ${limit}) made`.execute(db)
  const made = rows[0]?.count ?? 0
  if (made >= limit) throw new StrataError('ECONOMY_REFUSED', { problem: `you have made ${limit} ${things} in 24 hours, which is the limit; try again later` })
  return made
}
