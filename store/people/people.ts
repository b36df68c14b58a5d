import { type Kysely, sql } from 'kysely'
import { defined } from '../../model/defined.ts'
import type { AccountId, Attributes, CharacterId, EntityId, GuildId, Language, PartyId } from '../../model/ids.ts'
import { foldName } from '../../model/people/names.ts'
import { type CharacterSettings, defaultSettings, type Sanction } from '../accounts/accounts.ts'
import { oneOf } from '../database/oneOf.ts'
import type { SocialProfile } from '../store.ts'
import type { Tables } from '../tables.ts'

type Database = Kysely<Tables>

export async function profiles(db: Database, characters: readonly CharacterId[]): Promise<SocialProfile[]> {
  return characters.length === 0 ? [] : readProfiles(db, oneOf(characters))
}

export async function findCharacter(db: Database, idOrName: string): Promise<SocialProfile | undefined> {
  const found = await readProfiles(db, sql`(c.id = ${idOrName} OR c.name_key = ${foldName(idOrName)})`)
  // One character's name may be another's id: the id counts.
  return found.find((profile) => profile.character === idOrName) ?? found[0]
}

export async function guildName(db: Database, guild: GuildId): Promise<string | undefined> {
  return (await db.selectFrom('guilds').select('name').where('id', '=', guild).executeTakeFirst())?.name
}

interface ProfileRow {
  character: CharacterId
  entity: EntityId
  name: string
  account: AccountId
  language: Language
  languages: Language[]
  settings: Partial<CharacterSettings>
  guild: GuildId | null
  party: PartyId | null
  party_members: CharacterId[]
  leader: CharacterId | null
  friends: CharacterId[]
  blocked: CharacterId[]
  hidden: CharacterId[]
  siblings: CharacterId[]
  playing: CharacterId | null
  banned_until: Date | null
  ban_reason: string | null
  muted_until: Date | null
  mute_reason: string | null
  attributes: Attributes | null
  met_at: Date | null
  met_minutes: Record<CharacterId, number> | null
  state_version: number
  left_copy: string | null
  left_at: Date | null
}

/**
 * One statement; every part of it reads an index. Deleted characters are left out. `OFFSET 0` keeps PostgreSQL from turning a lookup into a join: for 500
 * characters of 100,000 it read whole tables.
 */
async function readProfiles(db: Database, condition: ReturnType<typeof sql>): Promise<SocialProfile[]> {
  const { rows } = await sql<ProfileRow>`
    SELECT c.id AS character, c.entity, c.name, coalesce(c.account, c.id) AS account, c.language, c.languages, c.settings, c.guild, m.party,
      (SELECT g.leader FROM parties g WHERE g.id = m.party) AS leader,
      ARRAY(SELECT o.character FROM party_members o WHERE o.party = m.party ORDER BY o.joined) AS party_members,
      ARRAY(SELECT f.friend FROM friendships f WHERE f.character = c.id ORDER BY f.friend) AS friends,
      ARRAY(
        SELECT o.id FROM blocks b JOIN characters o ON o.account = b.blocked WHERE b.account = c.account
        UNION SELECT o.id FROM blocks b JOIN characters o ON o.account = b.account WHERE b.blocked = c.account
      ) AS blocked,
      ARRAY(
        SELECT h.id FROM friendships f JOIN characters h ON h.id = f.friend WHERE f.character = c.id AND h.settings->>'presence' = 'nobody'
        UNION SELECT h.id FROM characters h WHERE h.guild = c.guild AND h.id <> c.id AND h.settings->>'presence' = 'nobody'
        UNION SELECT h.id FROM jsonb_object_keys(a.minutes) met JOIN characters h ON h.id = met WHERE h.settings->>'presence' = 'nobody'
      ) AS hidden,
      ARRAY(SELECT s.id FROM characters s WHERE s.account = c.account AND s.id <> c.id AND s.deleted_at IS NULL ORDER BY s.entity) AS siblings,
      p.playing, p.banned_until, p.ban_reason, p.muted_until, p.mute_reason, c.attributes, c.state_version, c.left_copy, c.left_at, a.at AS met_at, a.minutes AS met_minutes
    FROM characters c
      LEFT JOIN LATERAL (SELECT playing, banned_until, ban_reason, muted_until, mute_reason FROM player_accounts WHERE id = c.account OFFSET 0) p ON true
      LEFT JOIN LATERAL (SELECT party FROM party_members WHERE character = c.id OFFSET 0) m ON true
      LEFT JOIN LATERAL (SELECT * FROM acquaintances WHERE character = c.id OFFSET 0) a ON true
    WHERE ${condition} AND c.deleted_at IS NULL`.execute(db)
  return rows.map(profileOf)
}

function profileOf(row: ProfileRow): SocialProfile {
  const {
    guild,
    party,
    party_members,
    leader,
    languages,
    settings,
    blocked,
    hidden,
    attributes,
    met_at,
    met_minutes,
    state_version,
    left_copy,
    left_at,
    ...others
  } = row
  const { siblings, playing, banned_until, ban_reason, muted_until, mute_reason, ...rest } = others
  return defined({
    ...rest,
    // A process of the previous release inserts characters without `languages`.
    languages: languages.length === 0 ? [rest.language] : languages,
    settings: { ...defaultSettings, ...settings },
    guild: guild ?? undefined,
    party: party ?? undefined,
    partyMembers: party_members,
    // When the leader has left, or the previous release made the party, the member who joined first leads.
    partyLeader: leader !== null && party_members.includes(leader) ? leader : party_members[0],
    blocked: blocked.length === 0 ? undefined : blocked,
    hidden: hidden.length === 0 ? undefined : hidden,
    siblings: siblings.length === 0 ? undefined : siblings,
    playing: playing ?? undefined,
    ban: sanctionOf(banned_until, ban_reason),
    mute: sanctionOf(muted_until, mute_reason),
    attributes: attributes ?? undefined,
    met: met_at === null || met_minutes === null ? undefined : { at: met_at.getTime(), minutes: met_minutes },
    left: left_copy === null || left_at === null ? undefined : { copy: left_copy, at: left_at.getTime() },
    stateVersion: state_version === 0 ? undefined : state_version,
  })
}

function sanctionOf(until: Date | null, reason: string | null): Sanction | undefined {
  return until === null ? undefined : { until: until.getTime(), reason: reason ?? '' }
}

/** The character of the account that may be live from now on; undefined: any of them. */
export async function setPlaying(db: Database, account: AccountId, character: CharacterId | undefined): Promise<void> {
  await sql`UPDATE player_accounts SET playing = ${character ?? null} WHERE id = ${account} AND playing IS DISTINCT FROM ${character ?? null}`.execute(db)
}
