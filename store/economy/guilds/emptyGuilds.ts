import { type Kysely, sql } from 'kysely'
import { DAY_MS, type Instant } from '../../../model/clock.ts'
import type { GuildId } from '../../../model/ids.ts'
import { inBatches } from '../../database/inBatches.ts'
import type { Tables } from '../../tables.ts'
import { bankOf, WORLD } from '../ledger/accounts.ts'
import { type EconomyParts, transact } from '../ledger/transact.ts'

/**
 * How often each guild is looked at, in ms. A guild is removed when two looks, so this time apart, found no members. No invitation lasts longer, so nobody can
 * accept one to a guild that is gone.
 */
const CHECK_MS = 7 * DAY_MS
/** Guilds per look: for each of them PostgreSQL looks for one member. */
const BATCH_SIZE = 500
/** Most guilds that one call looks at; the next call continues. */
const MOST_GUILDS = 10_000

/**
 * Removes guilds that have had no member for a week, 14 days after the last one left at the latest; their names are free again. What is left in the bank
 * leaves the world, by a transaction in the log.
 *
 * | `empty_since` | when                 | then                              |
 * | ------------- | -------------------- | --------------------------------- |
 * | any           | it has a member      | null                              |
 * | null          | it has no member     | now                               |
 * | set           | it still has none    | the bank is emptied, the row goes |
 */
export async function removeEmptyGuilds(parts: EconomyParts): Promise<void> {
  const { db, clock } = parts
  const now = clock.now()
  await inBatches(
    BATCH_SIZE,
    async (size) => {
      const looked = await lookAtGuilds(db, now, size)
      for (const { guild, empty } of looked) if (empty) await dissolve(parts, guild)
      return looked.length
    },
    MOST_GUILDS,
  )
}

/** Looks at the guilds that were looked at the longest ago. `empty`: without members now and at the look before. */
async function lookAtGuilds(db: Kysely<Tables>, now: Instant, limit: number): Promise<{ guild: GuildId; empty: boolean }[]> {
  const at = new Date(now)
  const { rows } = await sql<{ guild: GuildId; empty: boolean }>`
    WITH due AS MATERIALIZED (
      SELECT id, empty_since FROM guilds WHERE checked_at < ${new Date(now - CHECK_MS)} ORDER BY checked_at LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
    ), seen AS MATERIALIZED (
      SELECT due.id, due.empty_since, (SELECT c.id FROM characters c WHERE c.guild = due.id LIMIT 1) IS NOT NULL AS used FROM due
    )
    UPDATE guilds g SET checked_at = ${at}, empty_since = CASE WHEN seen.used THEN NULL ELSE coalesce(seen.empty_since, ${at}) END
    FROM seen WHERE g.id = seen.id RETURNING g.id AS guild, NOT seen.used AND seen.empty_since IS NOT NULL AS empty`.execute(db)
  return rows
}

async function dissolve(parts: EconomyParts, guild: GuildId): Promise<void> {
  const bank = bankOf(guild)
  const filled = await parts.db.selectFrom('accounts').select('id').where('id', '=', bank).executeTakeFirst()
  if (filled !== undefined)
    await transact(
      parts,
      { actor: 'keeper', key: `guild ${guild} dissolves ${parts.clock.now()}`, kind: 'guild.dissolve', body: { guild } },
      async (ledger) => {
        await ledger.lock(bank)
        const [money, items] = [ledger.balance(bank), await ledger.itemsIn(bank)]
        ledger.pay(bank, WORLD, money)
        await ledger.give(
          items.map(({ id }) => id),
          bank,
          WORLD,
        )
        ledger.note = { guild }
        return { money, items }
      },
    )
  await parts.db.transaction().execute(async (tx) => {
    // A character that joins now waits for this row, and is refused when it is gone.
    const row = await tx.selectFrom('guilds').select('id').where('id', '=', guild).forUpdate().executeTakeFirst()
    const member = await tx.selectFrom('characters').select('id').where('guild', '=', guild).limit(1).executeTakeFirst()
    const left = await tx.selectFrom('accounts').select('balance').where('id', '=', bank).forUpdate().executeTakeFirst()
    const item = await tx.selectFrom('items').select('id').where('holder', '=', bank).limit(1).executeTakeFirst()
    if (row === undefined || member !== undefined || (left?.balance ?? 0) > 0 || item !== undefined) return
    await tx.deleteFrom('accounts').where('id', '=', bank).execute()
    await tx.deleteFrom('guilds').where('id', '=', guild).execute()
  })
}
