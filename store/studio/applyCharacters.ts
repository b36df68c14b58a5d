import { type Kysely, sql, type Transaction } from 'kysely'
import { StrataError } from '../../model/errors.ts'
import type { AccountId, Attributes, CharacterId, GuildId, Language } from '../../model/ids.ts'
import { foldName, lookAlikeKey } from '../../model/people/names.ts'
import { toJsonb } from '../database/json.ts'
import type { Tables } from '../tables.ts'
import { LostRace } from './lostRace.ts'
import { erasedAccount, refusal } from './refusal.ts'
import type { LineResult, StudioLine } from './studio.ts'

type CharacterLine = Extract<StudioLine, { kind: 'character' }>
type Inside = Transaction<Tables>

/** A character as it is stored. */
interface Stored {
  id: CharacterId
  account: AccountId | null
  name: string
  languages: Language[]
  attributes: Attributes | null
  guild: GuildId | null
  deleted: boolean
}

/** A character as the line wants it. */
interface Wanted {
  place: number
  line: CharacterLine
  name_key: string
  look_alike: string
  languages: readonly Language[]
  attributes: Attributes | null
  guild: GuildId | null
}

/**
 * Characters by their ids, each at most once in `lines`. New ones need one INSERT for all, unchanged ones no write. Lines that make or rename a character
 * follow each other in their order, because one may take the name that another gives up.
 */
export async function applyCharacters(db: Kysely<Tables>, lines: readonly CharacterLine[]): Promise<LineResult[]> {
  return db.transaction().execute(async (inside) => {
    const results: LineResult[] = lines.map(() => ({ ok: true }))
    const refuse = (place: number, error: StrataError): void => {
      results[place] = refusal(error)
    }
    const { stored, erased, guilds } = await readFor(inside, lines)
    const changes: Wanted[] = []
    let run: Wanted[] = []
    let renames = false
    const flush = async (): Promise<void> => {
      const taken = renames ? await rename(inside, run) : await insert(inside, run)
      for (const { place, line } of taken) refuse(place, new StrataError('NAME_TAKEN', { name: line.name }))
      run = []
    }
    for (const [place, line] of lines.entries()) {
      const now = stored.get(line.character)
      const problem = problemOf(line, now, { erased, guilds })
      if (problem !== undefined) {
        refuse(place, problem)
        continue
      }
      const wanted = wantedOf(place, line, now)
      if (now !== undefined && differs(wanted, now)) changes.push(wanted)
      if (now !== undefined && now.name === line.name) continue
      if (run.length > 0 && renames !== (now !== undefined)) await flush()
      renames = now !== undefined
      run.push(wanted)
    }
    if (run.length > 0) await flush()
    await describe(
      inside,
      changes.filter(({ place }) => results[place]?.ok === true),
    )
    return results
  })
}

/** What the lines depend on. The characters are locked in the order of their ids, so that two imports never wait for each other in a circle. */
async function readFor(
  inside: Inside,
  lines: readonly CharacterLine[],
): Promise<{ stored: Map<CharacterId, Stored>; erased: Set<AccountId>; guilds: Set<GuildId> }> {
  const accounts = [...new Set(lines.map(({ account }) => account))].sort()
  await sql`INSERT INTO player_accounts (id) SELECT unnest(${accounts}::text[]) ON CONFLICT DO NOTHING`.execute(inside)
  const erased = await sql<{ id: AccountId }>`SELECT id FROM player_accounts WHERE id = ANY(${accounts}::text[]) AND erased_at IS NOT NULL`.execute(inside)
  const named = [...new Set(lines.flatMap(({ guild }) => guild ?? []))]
  const guilds = named.length === 0 ? [] : (await sql<{ id: GuildId }>`SELECT id FROM guilds WHERE id = ANY(${named}::text[])`.execute(inside)).rows
  const { rows } = await sql<Stored>`
    SELECT id, account, name, languages, attributes, guild, deleted_at IS NOT NULL AS deleted FROM characters
    WHERE id = ANY(${lines.map(({ character }) => character)}::text[]) ORDER BY id FOR NO KEY UPDATE`.execute(inside)
  return { stored: new Map(rows.map((row) => [row.id, row])), erased: new Set(erased.rows.map(({ id }) => id)), guilds: new Set(guilds.map(({ id }) => id)) }
}

function problemOf(
  { character, account, guild }: CharacterLine,
  now: Stored | undefined,
  { erased, guilds }: { erased: ReadonlySet<AccountId>; guilds: ReadonlySet<GuildId> },
): StrataError | undefined {
  if (now?.deleted === true) return new StrataError('CHARACTER_UNKNOWN', { character })
  if (erased.has(account)) return erasedAccount(account)
  if (now !== undefined && (now.account ?? now.id) !== account)
    return new StrataError('BAD_REQUEST', { problem: `character "${character}" belongs to another account` })
  if (typeof guild === 'string' && !guilds.has(guild)) return new StrataError('BAD_REQUEST', { problem: `there is no guild "${guild}"; send its line first` })
  return undefined
}

function wantedOf(place: number, line: CharacterLine, now: Stored | undefined): Wanted {
  const { name, languages = now?.languages ?? ['en'], attributes = now?.attributes ?? null, guild = now?.guild ?? null } = line
  return { place, line, name_key: foldName(name), look_alike: lookAlikeKey(name), languages, attributes, guild }
}

/** Whether anything but the name changes. */
function differs(wanted: Wanted, now: Stored): boolean {
  return wanted.guild !== now.guild || wanted.languages.join(' ') !== now.languages.join(' ') || canonical(wanted.attributes) !== canonical(now.attributes)
}

/** jsonb orders keys in its own way. */
function canonical(attributes: Attributes | null): string {
  return JSON.stringify(Object.entries(attributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Returns those whose name is taken. */
async function insert(inside: Inside, wanted: readonly Wanted[]): Promise<Wanted[]> {
  const column = (of: (one: Wanted) => string | null) => wanted.map(of)
  const { rows } = await sql<{ id: CharacterId }>`
    INSERT INTO characters (id, account, name, name_key, look_alike, language, languages, attributes, guild)
    SELECT id, account, name, name_key, look_alike, split_part(languages, ' ', 1), string_to_array(languages, ' '), attributes::jsonb, guild
    FROM unnest(${column(({ line }) => line.character)}::text[], ${column(({ line }) => line.account)}::text[], ${column(({ line }) => line.name)}::text[],
      ${column((one) => one.name_key)}::text[], ${column((one) => one.look_alike)}::text[], ${column((one) => one.languages.join(' '))}::text[],
      ${column((one) => (one.attributes === null ? null : toJsonb(one.attributes)))}::text[], ${column((one) => one.guild)}::text[])
      WITH ORDINALITY AS v (id, account, name, name_key, look_alike, languages, attributes, guild, place)
    ORDER BY place ON CONFLICT DO NOTHING RETURNING id`.execute(inside)
  const made = new Set(rows.map(({ id }) => id))
  const left = wanted.filter(({ line }) => !made.has(line.character))
  await refuseRace(inside, left)
  return left
}

/** Another import made one of these characters a moment ago: the batch has to read it first. */
async function refuseRace(inside: Inside, left: readonly Wanted[]): Promise<void> {
  if (left.length === 0) return
  const { rows } = await sql`SELECT FROM characters WHERE id = ANY(${left.map(({ line }) => line.character)}::text[]) LIMIT 1`.execute(inside)
  if (rows.length > 0) throw new LostRace()
}

/** Returns those whose name is taken. One that waits for a name of the same statement to become free is tried again by itself. */
async function rename(inside: Inside, wanted: readonly Wanted[]): Promise<Wanted[]> {
  const { rows } = await sql<{ id: CharacterId }>`
    UPDATE characters c SET name = v.name, name_key = v.name_key, look_alike = v.look_alike
    FROM unnest(${wanted.map(({ line }) => line.character)}::text[], ${wanted.map(({ line }) => line.name)}::text[], ${wanted.map((one) => one.name_key)}::text[],
      ${wanted.map((one) => one.look_alike)}::text[]) AS v (id, name, name_key, look_alike)
    WHERE c.id = v.id AND NOT EXISTS (SELECT FROM characters o WHERE o.name_key = v.name_key AND o.id <> v.id)
      AND NOT EXISTS (SELECT FROM characters o WHERE o.look_alike = v.look_alike AND o.id <> v.id)
    RETURNING c.id`.execute(inside)
  const done = new Set(rows.map(({ id }) => id))
  const left = wanted.filter(({ line }) => !done.has(line.character))
  if (wanted.length === 1) return left
  const taken: Wanted[] = []
  for (const one of left) taken.push(...(await rename(inside, [one])))
  return taken
}

async function describe(inside: Inside, wanted: readonly Wanted[]): Promise<void> {
  if (wanted.length === 0) return
  const ids = wanted.map(({ line }) => line.character)
  const guilds = wanted.map(({ guild }) => guild)
  await sql`
    UPDATE characters c SET languages = string_to_array(v.languages, ' '), language = split_part(v.languages, ' ', 1), attributes = v.attributes::jsonb, guild = v.guild
    FROM unnest(${ids}::text[], ${wanted.map(({ languages }) => languages.join(' '))}::text[],
      ${wanted.map(({ attributes }) => (attributes === null ? null : toJsonb(attributes)))}::text[], ${guilds}::text[]) AS v (id, languages, attributes, guild)
    WHERE c.id = v.id`.execute(inside)
  // A rank belongs to one guild: somebody who comes back later begins as a member.
  await sql`DELETE FROM guild_ranks r USING unnest(${ids}::text[], ${guilds}::text[]) AS v (id, guild) WHERE r.character = v.id AND r.guild IS DISTINCT FROM v.guild`.execute(
    inside,
  )
}
