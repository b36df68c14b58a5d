import type { Kysely } from 'kysely'
import type { Instant } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import { toJsonb } from '../database/json.ts'
import type { Tables } from '../tables.ts'
import type { EventCrowds } from './records.ts'

export async function eventCrowds(db: Kysely<Tables>): Promise<Map<MapName, EventCrowds>> {
  const rows = await db.selectFrom('event_crowds').select(['map', 'crowds']).execute()
  return new Map(rows.map(({ map, crowds }) => [map, new Map(Object.entries(crowds))]))
}

export async function recordEventCrowds(db: Kysely<Tables>, learned: ReadonlyMap<MapName, EventCrowds>, now: Instant): Promise<void> {
  if (learned.size === 0) return
  const rows = [...learned].map(([map, crowds]) => ({ map, crowds: toJsonb(Object.fromEntries(crowds)), at: new Date(now) }))
  await db
    .insertInto('event_crowds')
    .values(rows)
    .onConflict((conflict) => conflict.column('map').doUpdateSet(({ ref }) => ({ crowds: ref('excluded.crowds'), at: ref('excluded.at') })))
    .execute()
}
