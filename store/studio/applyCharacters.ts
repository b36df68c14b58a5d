import { type Kysely, sql } from 'kysely'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import { foldName, lookAlikeKey } from '../../model/names.ts'
import { toJsonb } from '../database/json.ts'
import type { Tables } from '../tables.ts'
import type { LineResult, StudioLine } from './studio.ts'

export type CharacterLine = Extract<StudioLine, { kind: 'character' }>

/** Characters by their ids, each at most once. Three statements for a batch of any size. */
export async function applyCharacters(db: Kysely<Tables>, lines: readonly CharacterLine[]): Promise<LineResult[]> {
  const rows = lines.map(({ character, account, name, languages, attributes, guild }, place) => ({
    place,
    id: character,
    account,
    name,
    name_key: foldName(name),
    look_alike: lookAlikeKey(name),
    languages: languages ?? null,
    attributes: attributes ?? null,
    guild: guild ?? null,
    sets_guild: guild !== undefined,
  }))
  const table = sql`jsonb_to_recordset(${toJsonb(rows)}::jsonb)
    AS v (place integer, id text, account text, name text, name_key text, look_alike text, languages text[], attributes jsonb, guild text, sets_guild boolean)`
  return db.transaction().execute(async (inside) => {
    await sql`INSERT INTO player_accounts (id) SELECT DISTINCT account FROM ${table} ORDER BY account ON CONFLICT DO NOTHING`.execute(inside)
    // A name that belongs to another character, in the table or earlier in the batch, is refused; so is a guild that is not there.
    const { rows: refused } = await sql<{ id: CharacterId; problem: 'name' | 'guild' | 'owner' }>`
      WITH v AS MATERIALIZED (SELECT * FROM ${table}), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY name_key ORDER BY place) AS by_key, row_number() OVER (PARTITION BY look_alike ORDER BY place) AS by_look FROM v
      )
      SELECT r.id, CASE WHEN r.guild IS NOT NULL AND g.id IS NULL THEN 'guild' WHEN own.id IS NOT NULL AND own.account <> r.account THEN 'owner' ELSE 'name' END AS problem
      FROM ranked r LEFT JOIN guilds g ON g.id = r.guild LEFT JOIN characters own ON own.id = r.id
      WHERE by_key > 1 OR by_look > 1 OR (r.guild IS NOT NULL AND g.id IS NULL) OR (own.id IS NOT NULL AND own.account <> r.account)
        OR EXISTS (SELECT FROM characters o WHERE o.name_key = r.name_key AND o.id <> r.id)
        OR EXISTS (SELECT FROM characters o WHERE o.look_alike = r.look_alike AND o.id <> r.id)`.execute(inside)
    const problems = new Map(refused.map(({ id, problem }) => [id, problem]))
    const taken = [...problems.keys()]
    const written = await sql<{ id: CharacterId }>`
      WITH v AS MATERIALIZED (SELECT * FROM ${table} WHERE NOT id = ANY(${taken}::text[])), updated AS (
        UPDATE characters c SET name = v.name, name_key = v.name_key, look_alike = v.look_alike, languages = coalesce(v.languages, c.languages),
          language = coalesce(v.languages[1], c.language), attributes = coalesce(v.attributes, c.attributes),
          guild = CASE WHEN v.sets_guild THEN v.guild ELSE c.guild END
        FROM v WHERE c.id = v.id AND c.deleted_at IS NULL RETURNING c.id
      ), inserted AS (
        INSERT INTO characters (id, account, name, name_key, look_alike, language, languages, attributes, guild)
        SELECT v.id, v.account, v.name, v.name_key, v.look_alike, coalesce(v.languages[1], 'en'), coalesce(v.languages, ARRAY['en']), v.attributes, v.guild
        FROM v WHERE NOT EXISTS (SELECT FROM characters c WHERE c.id = v.id) ON CONFLICT DO NOTHING RETURNING id
      )
      SELECT id FROM updated UNION ALL SELECT id FROM inserted`.execute(inside)
    const done = new Set(written.rows.map(({ id }) => id))
    return lines.map((line) => resultOf(line, problems.get(line.character), done.has(line.character)))
  })
}

function resultOf({ character, name, guild }: CharacterLine, problem: 'name' | 'guild' | 'owner' | undefined, written: boolean): LineResult {
  if (written) return { ok: true }
  if (problem === 'guild') return refusal(new StrataError('BAD_REQUEST', { problem: `there is no guild "${guild ?? ''}"; send its line first` }))
  if (problem === 'owner') return refusal(new StrataError('BAD_REQUEST', { problem: `character "${character}" belongs to another account` }))
  if (problem === 'name') return refusal(new StrataError('NAME_TAKEN', { name }))
  return refusal(new StrataError('CHARACTER_UNKNOWN', { character }))
}

export function refusal(error: StrataError): LineResult {
  return { ok: false, code: error.code, message: error.message }
}
