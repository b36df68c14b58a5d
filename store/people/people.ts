import { type Kysely, sql } from 'kysely'
import { defined } from '../../model/defined.ts'
import type { Attributes, CharacterId, EntityId, GuildId, Language, PartyId } from '../../model/ids.ts'
import { toJsonb } from '../database/json.ts'
import { oneOf } from '../database/oneOf.ts'
import type { Person, SocialProfile } from '../store.ts'
import type { Tables } from '../tables.ts'

type Database = Kysely<Tables>

/** The key of a name: names that differ only in case or Unicode form are equal. Not done in SQL, because `lower` depends on the database locale. */
export function foldName(name: string): string {
  return name.trim().normalize('NFKC').toLowerCase()
}

/**
 * Takes three statements, whatever the number of friends. Concurrent logins may name the same guild and each other. The row of the character is
 * locked first, so that two logins with one name run one after the other.
 */
export async function ensureCharacter(db: Database, person: Person): Promise<SocialProfile> {
  const key = foldName(person.name)
  const guildKey = person.guild === undefined ? null : foldName(person.guild)
  if (person.guild !== undefined && guildKey !== null) {
    await sql`INSERT INTO guilds (name, name_key) SELECT ${person.guild.trim()}, ${guildKey}
      WHERE NOT EXISTS (SELECT FROM guilds WHERE name_key = ${guildKey}) ON CONFLICT (name_key) DO NOTHING`.execute(db)
  }
  const attributes = person.attributes === undefined ? null : toJsonb(person.attributes)
  const wished = [...new Set(person.friends.map(foldName))].filter((friend) => friend !== key && friend !== '')
  // Updates first, because INSERT … ON CONFLICT would use up an entity id at each login.
  await sql`
    WITH old AS (
      UPDATE characters SET language = ${person.language}, guild = coalesce((SELECT id FROM guilds WHERE name_key = ${guildKey}), guild),
        attributes = coalesce(${attributes}::jsonb, attributes)
      WHERE name_key = ${key} RETURNING id
    ), new AS (
      INSERT INTO characters (name, name_key, language, guild, attributes)
      SELECT ${person.name.trim()}, ${key}, ${person.language}, (SELECT id FROM guilds WHERE name_key = ${guildKey}), ${attributes}::jsonb
        WHERE NOT EXISTS (SELECT FROM old)
      ON CONFLICT (name_key) DO UPDATE SET language = excluded.language, guild = coalesce(excluded.guild, characters.guild),
        attributes = coalesce(excluded.attributes, characters.attributes) RETURNING id
    )
    INSERT INTO friend_wishes (character, wished_key)
    SELECT me.id, wish FROM (SELECT id FROM old UNION ALL SELECT id FROM new) me, unnest(${wished}::text[]) wish ORDER BY wish
    ON CONFLICT DO NOTHING`.execute(db)
  const [profile] = await readProfiles(db, sql`c.name_key = ${key}`)
  if (profile === undefined) throw new Error(`The character ${person.name} was not found after its insert.`)
  return profile
}

export async function profiles(db: Database, characters: readonly CharacterId[]): Promise<SocialProfile[]> {
  return characters.length === 0 ? [] : readProfiles(db, oneOf(characters))
}

export async function findCharacter(db: Database, idOrName: string): Promise<SocialProfile | undefined> {
  const found = await readProfiles(db, sql`(c.id = ${idOrName} OR c.name_key = ${foldName(idOrName)})`)
  // The name of a character may equal the id of another one; the id has priority.
  return found.find((profile) => profile.character === idOrName) ?? found[0]
}

export async function guildName(db: Database, guild: GuildId): Promise<string | undefined> {
  return (await db.selectFrom('guilds').select('name').where('id', '=', guild).executeTakeFirst())?.name
}

interface ProfileRow {
  character: CharacterId
  entity: EntityId
  name: string
  language: Language
  guild: GuildId | null
  party: PartyId | null
  party_members: CharacterId[]
  friends: CharacterId[]
  attributes: Attributes | null
  met_at: Date | null
  met_minutes: Record<CharacterId, number> | null
  state_version: number
}

/**
 * Two characters are friends if one of them has named the other, as soon as both exist. Only the development login writes such wishes; the friendships of
 * an identity provider are mutual already.
 */
async function readProfiles(db: Database, condition: ReturnType<typeof sql>): Promise<SocialProfile[]> {
  const { rows } = await sql<ProfileRow>`
    SELECT c.id AS character, c.entity, c.name, c.language, c.guild, m.party,
      ARRAY(SELECT o.character FROM party_members o WHERE o.party = m.party ORDER BY o.joined) AS party_members,
      ARRAY(
        SELECT f.id FROM friend_wishes w JOIN characters f ON f.name_key = w.wished_key WHERE w.character = c.id
        UNION SELECT w.character FROM friend_wishes w WHERE w.wished_key = c.name_key
        ORDER BY 1
      ) AS friends,
      c.attributes, c.state_version, a.at AS met_at, a.minutes AS met_minutes
    FROM characters c LEFT JOIN party_members m ON m.character = c.id LEFT JOIN acquaintances a ON a.character = c.id WHERE ${condition}`.execute(db)
  return rows.map(({ guild, party, party_members, attributes, met_at, met_minutes, state_version, ...rest }) => ({
    ...rest,
    partyMembers: party_members,
    ...defined({
      guild: guild ?? undefined,
      party: party ?? undefined,
      attributes: attributes ?? undefined,
      met: met_at === null || met_minutes === null ? undefined : { at: met_at.getTime(), minutes: met_minutes },
      stateVersion: state_version === 0 ? undefined : state_version,
    }),
  }))
}
