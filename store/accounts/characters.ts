import { type Kysely, sql, type Transaction } from 'kysely'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { AccountId, Attributes, CharacterId, EntityId, GuildId, Language } from '../../model/ids.ts'
import { foldName, lookAlikeKey } from '../../model/people/names.ts'
import { toJsonb } from '../database/json.ts'
import type { Tables } from '../tables.ts'
import { type CharacterChange, type CharacterDraft, type CharacterSettings, type CharacterSummary, defaultSettings } from './accounts.ts'

type Database = Kysely<Tables>

interface SummaryRow {
  id: CharacterId
  account: AccountId | null
  entity: EntityId
  name: string
  languages: Language[]
  guild: GuildId | null
  attributes: Attributes | null
  settings: Partial<CharacterSettings>
  created_at: Date
  saved_at: Date | null
}

export const columns = ['id', 'account', 'entity', 'name', 'languages', 'guild', 'attributes', 'settings', 'created_at', 'saved_at'] as const

export function summaryOf({ id, account, entity, name, languages, guild, attributes, settings, created_at, saved_at }: SummaryRow): CharacterSummary {
  return defined({
    character: id,
    account: ownerIn(account, id),
    entity,
    name,
    languages,
    guild: guild ?? undefined,
    attributes: attributes ?? undefined,
    settings: { ...defaultSettings, ...settings },
    createdAt: created_at.getTime(),
    playedAt: saved_at?.getTime(),
  })
}

/** A character that a process of the previous release made has no account yet: its id is the account's. */
export function ownerIn(account: AccountId | null, character: CharacterId): AccountId {
  return account ?? (character as string)
}

export async function charactersOf(db: Database, account: AccountId): Promise<CharacterSummary[]> {
  const rows = await db.selectFrom('characters').select(columns).where('account', '=', account).where('deleted_at', 'is', null).orderBy('entity').execute()
  return rows.map(summaryOf)
}

export async function ownerOf(db: Database, character: CharacterId): Promise<AccountId | undefined> {
  const row = await db.selectFrom('characters').select('account').where('id', '=', character).where('deleted_at', 'is', null).executeTakeFirst()
  return row === undefined ? undefined : ownerIn(row.account, character)
}

export async function createCharacter(db: Database, account: AccountId, draft: CharacterDraft, limit: number): Promise<CharacterSummary> {
  return db.transaction().execute(async (inside) => {
    // The lock makes two requests of one account follow each other: both would count one character too few otherwise.
    await inside.selectFrom('player_accounts').select('id').where('id', '=', account).forNoKeyUpdate().executeTakeFirstOrThrow()
    const { count } = await inside
      .selectFrom('characters')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('account', '=', account)
      .where('deleted_at', 'is', null)
      .executeTakeFirstOrThrow()
    if (Number(count) >= limit) throw new StrataError('CHARACTER_LIMIT', { limit })
    const row = await inside
      .insertInto('characters')
      .values({
        ...defined({ id: draft.character }),
        account,
        name: draft.name,
        name_key: foldName(draft.name),
        look_alike: lookAlikeKey(draft.name),
        language: draft.languages[0] ?? 'en',
        languages: [...draft.languages],
        attributes: draft.attributes === undefined ? null : toJsonb(draft.attributes),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning(columns)
      .executeTakeFirst()
    if (row === undefined) throw new StrataError('NAME_TAKEN', { name: draft.name })
    return summaryOf(row)
  })
}

export async function renameCharacter(db: Database, character: CharacterId, name: string): Promise<CharacterSummary> {
  const [nameKey, lookAlike] = [foldName(name), lookAlikeKey(name)]
  return db.transaction().execute(async (inside) => {
    await lockCharacter(inside, character)
    const other = await inside
      .selectFrom('characters')
      .select('id')
      .where('id', '<>', character)
      .where(({ eb, or }) => or([eb('name_key', '=', nameKey), eb('look_alike', '=', lookAlike)]))
      .executeTakeFirst()
    if (other !== undefined) throw new StrataError('NAME_TAKEN', { name })
    const row = await inside
      .updateTable('characters')
      .set({ name, name_key: nameKey, look_alike: lookAlike })
      .where('id', '=', character)
      .returning(columns)
      .executeTakeFirstOrThrow()
      .catch(refuseTaken(name))
    return summaryOf(row)
  })
}

export async function describeCharacter(db: Database, character: CharacterId, { languages, attributes, settings }: CharacterChange): Promise<CharacterSummary> {
  const change = {
    ...(languages === undefined ? {} : { languages: [...languages], language: languages[0] ?? 'en' }),
    ...(attributes === undefined ? {} : { attributes: toJsonb(attributes) }),
    ...(settings === undefined ? {} : { settings: sql<string>`settings || ${toJsonb(settings)}::jsonb` }),
  }
  // SQL has no UPDATE without columns: somebody who changes only the name changes nothing here.
  const statement =
    Object.keys(change).length === 0
      ? db.selectFrom('characters').select(columns).where('id', '=', character).where('deleted_at', 'is', null)
      : db.updateTable('characters').set(change).where('id', '=', character).where('deleted_at', 'is', null).returning(columns)
  const row = await statement.executeTakeFirst()
  if (row === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
  return summaryOf(row)
}

export async function deleteCharacter(db: Database, character: CharacterId): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await lockCharacter(inside, character)
    const left = await inside.deleteFrom('party_members').where('character', '=', character).returning('party').executeTakeFirst()
    if (left !== undefined)
      await sql`DELETE FROM parties p WHERE p.id = ${left.party} AND NOT EXISTS (SELECT FROM party_members m WHERE m.party = p.id)`.execute(inside)
    await inside.deleteFrom('party_invitations').where('character', '=', character).execute()
    await inside
      .deleteFrom('friendships')
      .where(({ eb, or }) => or([eb('character', '=', character), eb('friend', '=', character)]))
      .execute()
    await inside
      .deleteFrom('friend_requests')
      .where(({ eb, or }) => or([eb('sender', '=', character), eb('receiver', '=', character)]))
      .execute()
    await inside.deleteFrom('guild_ranks').where('character', '=', character).execute()
    await inside
      .updateTable('characters')
      .set(({ eb }) => ({
        name: 'deleted',
        name_key: `deleted:${character}`,
        look_alike: null,
        guild: null,
        attributes: null,
        state: null,
        live_copy: null,
        live_server: null,
        moving: null,
        epoch: eb('epoch', '+', 1),
        deleted_at: sql<Date>`now()`,
      }))
      .where('id', '=', character)
      .execute()
  })
}

/** Throws CHARACTER_UNKNOWN. */
async function lockCharacter(inside: Transaction<Tables>, character: CharacterId): Promise<void> {
  const row = await inside.selectFrom('characters').select('id').where('id', '=', character).where('deleted_at', 'is', null).forNoKeyUpdate().executeTakeFirst()
  if (row === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
}

/** Another transaction took the name between the look and the write. */
function refuseTaken(name: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === '23505') throw new StrataError('NAME_TAKEN', { name }, { cause: error })
    throw error
  }
}
