import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshStore } from '../../test/freshStore.ts'

const CHARACTERS = 100_000

let fresh: Awaited<ReturnType<typeof freshStore>>
let client: Client
beforeAll(async () => {
  fresh = await freshStore()
  client = new Client({ connectionString: fresh.url })
  await client.connect()
  // Without triggers and foreign keys: the people are there already when the test begins.
  await client.query('SET session_replication_role = replica')
  await client.query(`INSERT INTO player_accounts (id) SELECT 'a' || n FROM generate_series(1, ${CHARACTERS}) n`)
  await client.query(`INSERT INTO characters (id, account, name, name_key, look_alike, language, languages)
    SELECT 'c' || n, 'a' || n, 'n' || n, 'n' || n, 'l' || n, 'en', '{en}' FROM generate_series(1, ${CHARACTERS}) n`)
  await client.query(`INSERT INTO friendships (character, friend)
    SELECT 'c' || n, 'c' || (n + 1) FROM generate_series(1, ${CHARACTERS} - 1) n UNION ALL SELECT 'c' || (n + 1), 'c' || n FROM generate_series(1, ${CHARACTERS} - 1) n`)
  await client.query(`INSERT INTO parties (id) SELECT 'p' || n FROM generate_series(1, ${CHARACTERS / 5}) n`)
  await client.query(
    `INSERT INTO party_members (party, character) SELECT 'p' || (1 + n % ${CHARACTERS / 5}), 'c' || n FROM generate_series(1, ${CHARACTERS}) n`,
  )
  await client.query(
    `INSERT INTO blocks (account, blocked, character) SELECT 'a' || n, 'a' || (n + 7), 'c' || (n + 7) FROM generate_series(1, ${CHARACTERS} - 7, 10) n`,
  )
  await client.query(`UPDATE characters SET live_copy = 'forest-1', live_server = 's1' WHERE id IN ('c100', 'c200', 'c300', 'c301', 'c500')`)
  await client.query('ANALYZE')
}, 120_000)
afterAll(async () => {
  await client.end()
  await fresh[Symbol.asyncDispose]()
})

/** Rows that sequential scans have read, per table. The statistics of other connections arrive some time after their transactions. */
async function scanned(): Promise<Record<string, number>> {
  await client.query('SELECT pg_stat_clear_snapshot()')
  const { rows } = await client.query<{ relname: string; read: string }>(`SELECT relname, seq_tup_read AS read FROM pg_stat_user_tables
    WHERE relname IN ('characters', 'player_accounts', 'friendships', 'party_members', 'parties', 'blocks', 'profile_changes', 'acquaintances')`)
  return Object.fromEntries(rows.map(({ relname, read }) => [relname, Number(read)]))
}
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_500))

it('S6: with 100,000 characters, a change, its outbox entries, the outbox and the profiles of 500 read only indexes', async () => {
  const { store } = fresh
  await client.query('VACUUM ANALYZE')
  await settle()
  const before = await scanned()
  await store.accounts.setBan('a77', { until: Date.now() + 1_000, reason: 'test' })
  await store.social.block('c100', 'c200')
  await store.social.removeFriend('c300', 'c301')
  await store.social.removeFriend('c350', 'c351')
  await store.social.leaveParty('c400')
  await store.accounts.renameCharacter('c500', 'Somebody else')
  await store.social.block('c600', 'c700')
  await store.accounts.renameCharacter('c800', 'Nobody here')
  const ids = Array.from({ length: 500 }, (_, n) => `c${1 + n * 150}`)
  const began = performance.now()
  expect(await store.profiles(ids)).toHaveLength(500)
  const readMs = performance.now() - began
  // Friendships, blocks and changes of characters concern only characters in the world, which c350, c351, c600, c700 and c800 are not.
  expect((await store.social.takeProfileChanges(500, 3_600_000)).characters.toSorted()).toEqual(['c100', 'c200', 'c300', 'c301', 'c400', 'c500', 'c77'])
  await settle()
  const after = await scanned()
  const more = Object.entries(after).filter(([table, read]) => read - (before[table] ?? 0) > 1_000)
  expect(more).toEqual([])
  expect(readMs).toBeLessThan(1_000)
}, 60_000)
