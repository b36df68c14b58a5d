import { type Kysely, sql } from 'kysely'
import type { CharacterId } from '../../model/ids.ts'
import { type ChangeTopic, changeTopics } from '../../model/wire/room.ts'
import type { Tables } from '../tables.ts'

/** Takes notices out of the outbox, oldest first. Rows that another caller holds are skipped, and each notice is taken once. */
export async function takePlayerNotices(db: Kysely<Tables>, limit: number): Promise<Map<CharacterId, ChangeTopic[]>> {
  const { rows } = await sql<{ character: CharacterId; topic: string }>`
    WITH taken AS (
      DELETE FROM player_notices WHERE id IN (SELECT id FROM player_notices ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED) RETURNING character, topic
    )
    SELECT DISTINCT character, topic FROM taken`.execute(db)
  const notices = new Map<CharacterId, ChangeTopic[]>()
  for (const { character, topic } of rows) {
    // A newer release may write topics that this one does not know.
    const known = changeTopics.find((one) => one === topic)
    if (known !== undefined) notices.set(character, [...(notices.get(character) ?? []), known])
  }
  return notices
}
