import { type Kysely, sql } from 'kysely'
import type { Violation } from '../../model/fairness.ts'
import type { CharacterId } from '../../model/ids.ts'
import { cleanText, toJsonb } from '../database/json.ts'
import type { Tables } from '../tables.ts'
import type { StoredViolation } from './records.ts'

/** Rows that are stored already stay unchanged. The conflict names no column: a game server has no right to read the table. */
export async function recordViolations(db: Kysely<Tables>, violations: readonly Violation[]): Promise<void> {
  if (violations.length === 0) return
  const rows = violations.map(({ at, evidence, map, ...rest }) => ({ ...rest, map: cleanText(map), at: new Date(at), evidence: toJsonb(evidence) }))
  await db
    .insertInto('violations')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function violations(
  db: Kysely<Tables>,
  { characters, flagged = false, limit }: { characters?: readonly CharacterId[]; flagged?: boolean; limit: number },
): Promise<StoredViolation[]> {
  const all = db
    .selectFrom('violations')
    .leftJoin('characters', 'characters.id', 'violations.character')
    .selectAll('violations')
    .select('characters.name')
    .orderBy('violations.at', 'desc')
    .limit(limit)
  const chosen = characters === undefined ? all : all.where('violations.character', 'in', characters.length === 0 ? [''] : [...characters])
  const rows = await (flagged ? chosen.where(sql<boolean>`violations.action IN ('flag', 'kick')`) : chosen).execute()
  return rows.map(({ at, tick, name, ...rest }) => ({ ...rest, at: at.getTime(), tick: Number(tick), name: name ?? '' }))
}
