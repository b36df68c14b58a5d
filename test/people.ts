import { defined } from '../model/defined.ts'
import type { Attributes, CharacterId, GuildId, PartyId } from '../model/ids.ts'
import { foldName } from '../model/people/names.ts'
import type { PostgresStore } from '../store/postgresStore.ts'
import type { SocialProfile } from '../store/store.ts'
import type { StudioLine } from '../store/studio/studio.ts'

export interface TestPerson {
  name: string
  language?: string
  /** Name of a guild; it is made when it is not there. */
  guild?: string
  /** Names of characters that are there already. */
  friends?: readonly string[]
  attributes?: Attributes
}

/** A character with an account of its own, made the way a studio's back end makes it. The same name again brings the same character up to date. */
export async function makeCharacter(store: PostgresStore, { name, language, guild, friends = [], attributes }: TestPerson): Promise<SocialProfile> {
  const character = idOf(name)
  const lines: StudioLine[] = []
  if (guild !== undefined) lines.push({ kind: 'guild', guild: guildId(guild), name: guild })
  lines.push({
    kind: 'character',
    character,
    account: `account of ${character}`,
    name,
    ...(language === undefined ? {} : { languages: [language] }),
    ...(guild === undefined ? {} : { guild: guildId(guild) }),
    ...defined({ attributes }),
  })
  for (const friend of friends) lines.push({ kind: 'friendship', characters: [character, idOf(friend)] })
  const refused = (await store.studio.apply(lines)).find((result) => !result.ok)
  if (refused !== undefined && !refused.ok && refused.code !== 'CHARACTER_UNKNOWN') throw new Error(refused.message)
  const profile = await store.profile(character)
  if (profile === undefined) throw new Error(`the character ${name} was not made`)
  return profile
}

/** A party of these characters; the first of them leads. */
export async function makeParty(store: PostgresStore, party: PartyId, [leader, ...others]: readonly CharacterId[]): Promise<void> {
  if (leader === undefined) throw new Error('a party needs a leader')
  await store.social.createParty(party, leader)
  for (const other of others) await joinParty(store, party, leader, other)
}

/** By an invitation of the leader. */
export async function joinParty(store: PostgresStore, party: PartyId, leader: CharacterId, character: CharacterId): Promise<void> {
  const now = Date.now()
  await store.social.invite(leader, character, { size: 200, now, expiresAt: now + 60_000 })
  await store.social.acceptInvitation(character, party, { size: 200, now })
}

function idOf(name: string): CharacterId {
  return foldName(name).replaceAll(/[^\p{L}\p{N}]+/gu, '-')
}

function guildId(name: string): GuildId {
  return `guild-${idOf(name)}`
}
