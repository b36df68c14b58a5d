import type { Kysely } from 'kysely'
import type { CharacterId, MapName } from '../../model/ids.ts'
import type { HopHistory } from '../../model/placement/hops.ts'
import type { Tables } from '../tables.ts'

export async function hopHistory(db: Kysely<Tables>, character: CharacterId, map: MapName): Promise<HopHistory | undefined> {
  const row = await db.selectFrom('hops').selectAll().where('character', '=', character).where('map', '=', map).executeTakeFirst()
  return row === undefined ? undefined : { level: row.level, at: row.at.getTime(), copy: row.copy }
}

export async function recordHop(
  db: Kysely<Tables>,
  { character, map }: { character: CharacterId; map: MapName },
  before: HopHistory | undefined,
  after: HopHistory,
): Promise<boolean> {
  const row = { level: after.level, at: new Date(after.at), copy: after.copy }
  if (before === undefined) {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('hops')
      .values({ character, map, ...row })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    return numInsertedOrUpdatedRows === 1n
  }
  const { numUpdatedRows } = await db
    .updateTable('hops')
    .set(row)
    .where('character', '=', character)
    .where('map', '=', map)
    .where('at', '=', new Date(before.at))
    .where('level', '=', before.level)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
