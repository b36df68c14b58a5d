import { type Kysely, sql } from 'kysely'
import type { Tables } from '../tables.ts'
import type { SweepLimits } from './webhooks.ts'

/** Rows per statement, so that each transaction stays short. */
const BATCH = 1_000

/** Keeps the outbox bounded: old and surplus messages become dead, and old and surplus dead ones are deleted. */
export async function sweepWebhooks(
  db: Kysely<Tables>,
  { now, deadAfterMs, evenUntried, maxPending, maxDead, keepDeadMs }: SweepLimits,
): Promise<{ died: number; dropped: number }> {
  const repeat = async (run: (limit: number) => ReturnType<typeof sql>): Promise<number> => {
    for (let all = 0; ; ) {
      const changed = Number((await run(BATCH).execute(db)).numAffectedRows ?? 0)
      all += changed
      if (changed < BATCH) return all
    }
  }
  // ANY(ARRAY(…)) reads the rows by their key; with IN the planner reads the whole table.
  const kill = (which: ReturnType<typeof sql>, problem: string) =>
    repeat(
      (limit) => sql`UPDATE webhook_outbox SET dead_at = ${new Date(now)}, problem = coalesce(problem, ${problem}) WHERE id = ANY(ARRAY(
        SELECT id FROM webhook_outbox WHERE dead_at IS NULL AND ${which} LIMIT ${limit}))`,
    )
  const drop = (which: ReturnType<typeof sql>) =>
    repeat(
      (limit) => sql`DELETE FROM webhook_outbox WHERE id = ANY(ARRAY(SELECT id FROM webhook_outbox WHERE dead_at IS NOT NULL AND ${which} LIMIT ${limit}))`,
    )
  const old = await kill(sql`at < ${new Date(now - deadAfterMs)} AND (${evenUntried} OR attempts > 0) ORDER BY at`, 'the endpoint did not answer in time')
  const surplus = await kill(sql`true ORDER BY at DESC OFFSET ${maxPending}`, 'the outbox was full')
  const oldDead = await drop(sql`dead_at < ${new Date(now - keepDeadMs)} ORDER BY dead_at`)
  const surplusDead = await drop(sql`true ORDER BY dead_at DESC OFFSET ${maxDead}`)
  return { died: old + surplus, dropped: oldDead + surplusDead }
}
