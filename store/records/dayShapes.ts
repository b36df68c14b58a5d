import type { Kysely } from 'kysely'
import type { Instant } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import { toJsonb } from '../database/json.ts'
import type { Tables } from '../tables.ts'
import type { DayQuarters } from './records.ts'

export async function dayShapes(db: Kysely<Tables>): Promise<Map<MapName, DayQuarters>> {
  const rows = await db.selectFrom('day_shapes').select(['map', 'quarters']).execute()
  return new Map(rows.map(({ map, quarters }) => [map, quarters.map((usual) => usual ?? undefined)]))
}

export async function recordDayShapes(db: Kysely<Tables>, shapes: ReadonlyMap<MapName, DayQuarters>, now: Instant): Promise<void> {
  if (shapes.size === 0) return
  const rows = [...shapes].map(([map, quarters]) => ({ map, quarters: toJsonb(quarters), at: new Date(now) }))
  await db
    .insertInto('day_shapes')
    .values(rows)
    .onConflict((conflict) => conflict.column('map').doUpdateSet(({ ref }) => ({ quarters: ref('excluded.quarters'), at: ref('excluded.at') })))
    .execute()
}
