import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { CharacterId, MapName } from '../../model/ids.ts'
import type { Decision } from '../../model/placement/decision.ts'
import { deleteInBatches } from '../database/inBatches.ts'
import { cleanText, toJsonb } from '../database/json.ts'
import type { Tables } from '../tables.ts'
import { type PackedDecision, unpackCandidates } from './candidates.ts'

type Database = Kysely<Tables>

/**
 * Inserts all decisions in one statement; decisions that are stored already stay unchanged, unless `inputs.repeats` counts their repeats. It sends one array per column, because PostgreSQL would
 * parse one JSON document of rows twice. The candidates, most of the bytes, are sent as lines: JSON has no line breaks, and in an array the driver
 * would escape every quote.
 */
export async function recordDecisions(db: Database, decisions: readonly PackedDecision[]): Promise<void> {
  if (decisions.length === 0) return
  const onConflict = decisions.some(({ inputs }) => 'repeats' in inputs)
    ? sql`DO UPDATE SET inputs = EXCLUDED.inputs WHERE jsonb_exists(EXCLUDED.inputs, 'repeats')`
    : sql`DO NOTHING`
  await sql`
    INSERT INTO decisions (id, at, kind, map, copy, characters, reason, policy_version, candidates, inputs)
    SELECT id, at, kind, map, copy, characters::text[], reason, policy_version, candidates, inputs FROM unnest(
      ${decisions.map(({ id }) => id)}::text[],
      ${decisions.map(({ at }) => new Date(at).toISOString())}::timestamptz[],
      ${decisions.map(({ kind }) => kind)}::text[],
      ${decisions.map(({ map }) => map)}::text[],
      ${decisions.map(({ copy }) => copy ?? null)}::text[],
      ${decisions.map(({ characters }) => arrayLiteral(characters))}::text[],
      ${decisions.map(({ reason }) => cleanText(reason))}::text[],
      ${decisions.map(({ policyVersion }) => policyVersion)}::text[],
      string_to_array(${decisions.map(({ candidates }) => candidates).join('\n')}, E'\\n')::json[],
      ${decisions.map(({ inputs }) => toJsonb(inputs))}::jsonb[]
    ) AS d (id, at, kind, map, copy, characters, reason, policy_version, candidates, inputs) ON CONFLICT (id) ${onConflict}`.execute(db)
}

/** A text literal of an array. Nested arrays of PostgreSQL must be rectangular, and parties have different sizes. */
function arrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`
}

export async function decisionsFor(db: Database, character: CharacterId, limit: number): Promise<Decision[]> {
  return read(db, limit, sql<boolean>`characters @> ${[character]}::text[]`)
}

export async function decisionsOn(db: Database, map: MapName, limit: number): Promise<Decision[]> {
  return read(db, limit, sql<boolean>`map = ${map}`)
}

async function read(db: Database, limit: number, condition: ReturnType<typeof sql<boolean>>): Promise<Decision[]> {
  const rows = await db.selectFrom('decisions').selectAll().where(condition).orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute()
  return rows.map(({ at, copy, policy_version, candidates, ...rest }) => ({
    ...rest,
    candidates: unpackCandidates(candidates),
    at: at.getTime(),
    ...defined({ copy: copy ?? undefined }),
    policyVersion: policy_version,
  }))
}

export async function forgetDecisions(db: Database, before: Instant, map?: MapName): Promise<number> {
  const onMap = map === undefined ? sql`` : sql`AND map = ${map}`
  return deleteInBatches(db, { table: 'decisions', where: sql`at < ${new Date(before)} ${onMap}`, by: 'at' })
}
