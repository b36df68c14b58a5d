import { type Kysely, sql } from 'kysely'
import type { AccountId, CharacterId } from '../../model/ids.ts'
import type { SocialProfile } from '../store.ts'
import type { Tables } from '../tables.ts'
import { noRelations, type SocialSource } from './socialSource.ts'

/** Profiles with the friends of a source in place of those in the tables, and with its blocks besides those in the tables: a block counts wherever it was made. */
export async function withRelations(db: Kysely<Tables>, source: SocialSource, profiles: readonly SocialProfile[]): Promise<SocialProfile[]> {
  if (profiles.length === 0) return []
  const relations = await source.relationsOf(profiles.map(({ character, account }) => ({ character, account })))
  const accounts = new Set([...relations.values()].flatMap(({ friendAccounts, blockedAccounts }) => [...friendAccounts, ...blockedAccounts]))
  const characters = await charactersOf(db, [...accounts])
  const found = profiles.map(({ blocked: inTable = [], ...profile }) => {
    const { friends, friendAccounts, blocked, blockedAccounts } = relations.get(profile.character) ?? noRelations
    const all = (own: readonly CharacterId[], owners: readonly AccountId[]): CharacterId[] => [
      ...new Set([...own, ...owners.flatMap((account) => characters.get(account) ?? [])]),
    ]
    const refused = all([...blocked, ...inTable], blockedAccounts)
    const company = all(friends, friendAccounts).filter((friend) => friend !== profile.character && !refused.includes(friend))
    return { ...profile, friends: company, ...(refused.length === 0 ? {} : { blocked: refused }) }
  })
  // The tables' own look at hidden characters knows no friends of the source.
  const hiding = await hiddenAmong(db, [...new Set(found.flatMap(({ friends }) => friends))])
  return found.map((profile) => {
    const hidden = [...new Set([...(profile.hidden ?? []), ...profile.friends.filter((friend) => hiding.has(friend))])]
    return hidden.length === 0 ? profile : { ...profile, hidden }
  })
}

async function hiddenAmong(db: Kysely<Tables>, characters: readonly CharacterId[]): Promise<ReadonlySet<CharacterId>> {
  if (characters.length === 0) return new Set()
  const { rows } = await sql<{ id: CharacterId }>`
    SELECT id FROM characters WHERE id = ANY(${[...characters]}::text[]) AND settings->>'presence' = 'nobody'`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

async function charactersOf(db: Kysely<Tables>, accounts: readonly AccountId[]): Promise<Map<AccountId, CharacterId[]>> {
  const found = new Map<AccountId, CharacterId[]>()
  if (accounts.length === 0) return found
  const { rows } = await sql<{ id: CharacterId; account: AccountId }>`
    SELECT id, account FROM characters WHERE account = ANY(${[...accounts]}::text[]) AND deleted_at IS NULL ORDER BY id`.execute(db)
  for (const { id, account } of rows) found.set(account, [...(found.get(account) ?? []), id])
  return found
}
