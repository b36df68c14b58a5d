import pg from 'pg'
import { expect, it } from 'vitest'
import { freshDatabase } from '../../test/freshDatabase.ts'
import { roleLogin } from '../../test/roleLogin.ts'
import { createServerSecret } from '../gameServers.ts'
import { createStore } from '../postgresStore.ts'
import { migrate, migrateTo } from './migrate.ts'

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

it('eight processes that start at once on an empty database run each migration once', async () => {
  await using fresh = await freshDatabase()
  await Promise.all(Array.from({ length: 8 }, () => migrate(fresh.url)))
  const names = (await query(fresh.url, 'SELECT name FROM kysely_migration ORDER BY name')).map(({ name }) => name)
  expect(names).toEqual([
    '0001_people',
    '0002_parties',
    '0003_decisions',
    '0010_acquaintances',
    '0011_hops',
    '0012_locks',
    '0013_instances',
    '0015_ledger',
    '0016_mails',
    '0017_auctions',
    '0018_trades',
    '0019_guild_ranks',
    '0020_day_shapes',
    '0021_plain_candidates',
    '0030_accounts',
    '0031_social',
    '0032_audit_log',
    '0033_profile_changes',
    '0034_guild_inviters',
    '0035_event_crowds',
    '0036_player_notices',
    '0040_playing',
    '0041_left_copies',
    '0042_hidden_characters',
    '0043_profile_changes_of_relations',
    '0044_profile_changes_in_the_world',
    '0050_bounded_tables',
    '0051_process_rights',
    '0052_guarded_claims',
    '0060_console_accounts',
    '0061_violations',
    '0062_operator_holds',
    '0063_recordings',
    '0070_webhooks',
    '0071_recording_salts',
  ])
})

it('a database of an earlier release keeps its characters', async () => {
  await using fresh = await freshDatabase()
  await migrateTo(fresh.url, '0001_people')
  await query(fresh.url, `INSERT INTO characters (id, name, name_key, language, epoch, state) VALUES ('old', 'Old', 'old', 'en', 41, '{"gold": 7}')`)
  await migrate(fresh.url)
  await using store = await createStore({ url: fresh.url })
  expect(await store.claim('old', { copy: 'c', server: 's' })).toEqual({ epoch: 42, state: { gold: 7 }, stateVersion: 0 })
  await store.social.createParty('party', 'old')
  expect(await store.findCharacter('OLD')).toMatchObject({ partyMembers: ['old'], account: 'old', languages: ['en'] })
})

it('wishes of an earlier release become friendships, and names that look alike do not stop the migration', async () => {
  await using fresh = await freshDatabase()
  await migrateTo(fresh.url, '0021_plain_candidates')
  await query(
    fresh.url,
    `INSERT INTO characters (id, name, name_key, language) VALUES ('a', 'Ada', 'ada', 'en'), ('b', 'Bob', 'bob', 'de'), ('c', 'Аdа', 'аdа', 'en')`,
  )
  await query(fresh.url, `INSERT INTO friend_wishes (character, wished_key) VALUES ('a', 'bob'), ('a', 'nobody'), ('c', 'ada')`)
  await migrate(fresh.url)
  await using store = await createStore({ url: fresh.url })
  expect(await store.profile('a')).toMatchObject({ friends: ['b', 'c'], account: 'a', languages: ['en'] })
  expect(await store.profile('b')).toMatchObject({ friends: ['a'], languages: ['de'] })
  const draft = { name: 'ΑDA', languages: ['en'] }
  await store.accounts.ensureAccount('new')
  await expect(store.accounts.createCharacter('new', draft, 1)).rejects.toMatchObject({ code: 'NAME_TAKEN' })
})

it('S1: game servers of the previous release go on for a day after the migration, and a new database guards at once', async () => {
  await using fresh = await freshDatabase()
  await migrateTo(fresh.url, '0051_process_rights')
  await query(fresh.url, `INSERT INTO characters (id, name, name_key, language) VALUES ('a', 'Ada', 'ada', 'en')`)
  await migrate(fresh.url)
  await using login = await roleLogin(fresh.url, 'gameserver')
  await using server = await createStore({ url: login.url, serverSecret: createServerSecret() })
  await server.registerServer('new', 'key')
  // A server of that release has no secret and no permits, and its moves name no destination.
  await using before = await createStore({ url: login.url })
  const [at, save] = [
    { copy: 'c', server: 'old' },
    { character: 'a', state: {}, stateVersion: 1 },
  ]
  expect(await before.claim('a', at)).toMatchObject({ epoch: 1 })
  expect(await before.save('a', 1, {}, 1)).toBe(true)
  expect(await before.release('m', [{ ...save, epoch: 1 }])).toBe(true)
  expect(await server.claimReleased('a', 'm', 1, { copy: 'd', server: 'new' })).toMatchObject({ epoch: 2 })
  expect(await server.release('n', [{ ...save, epoch: 2 }], 'old')).toBe(true)
  expect(await before.claimReleased('a', 'n', 2, at)).toMatchObject({ epoch: 3 })
  expect(await query(fresh.url, `SELECT enforced_from - now() BETWEEN '23 hours' AND '1 day' AS within FROM claim_guard`)).toEqual([{ within: true }])
  await query(fresh.url, 'UPDATE claim_guard SET enforced_from = now()')
  await expect(before.save('a', 3, {}, 1)).rejects.toMatchObject({ code: '42501' })
  await expect(before.claim('a', at)).rejects.toMatchObject({ code: 'CLAIM_REFUSED' })

  await using empty = await freshDatabase()
  await migrate(empty.url)
  expect(await query(empty.url, 'SELECT enforced_from <= now() AS guarded FROM claim_guard')).toEqual([{ guarded: true }])
})

it('a process starts on a database that a newer release has migrated', async () => {
  await using fresh = await freshDatabase()
  await migrate(fresh.url)
  await query(fresh.url, `INSERT INTO kysely_migration (name, timestamp) VALUES ('9999_future', '2040-01-01')`)
  await migrate(fresh.url)
})

it('X1: the error of a failed migration names the migration', async () => {
  await using fresh = await freshDatabase()
  await query(fresh.url, 'CREATE TABLE parties (something text)')
  await expect(migrate(fresh.url)).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('0002_parties') })
})

it('X1: a process that finds an older schema names the missing migration and the command, and changes nothing', async () => {
  await using fresh = await freshDatabase()
  const refused = { code: 'SCHEMA_TOO_OLD', message: expect.stringContaining('strata migrate') }
  await expect(createStore({ url: fresh.url })).rejects.toMatchObject({ ...refused, details: { missing: '0001_people' } })
  await migrateTo(fresh.url, '0050_bounded_tables')
  await expect(createStore({ url: fresh.url })).rejects.toMatchObject({ ...refused, details: { missing: '0051_process_rights' } })
  expect(await query(fresh.url, `SELECT FROM pg_tables WHERE tablename = 'write_probe'`)).toEqual([])
})
