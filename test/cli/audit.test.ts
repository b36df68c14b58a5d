import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshDatabase } from '../freshDatabase.ts'
import { freshStore } from '../freshStore.ts'
import { makeCharacter } from '../people.ts'
import { scratchFolder, strata } from './terminal.ts'

const now = (): number => Date.UTC(2026, 10, 21, 8, 0, 0)
let fresh: Awaited<ReturnType<typeof freshStore>>
let items: string[]
beforeAll(async () => {
  fresh = await freshStore()
  const { store } = fresh
  const { character: ada } = await makeCharacter(store, { name: 'Audit Ada' })
  const { character: bob } = await makeCharacter(store, { name: 'Audit Bob' })
  const granted = await store.economy.grant({ actor: 'test', key: 'a' }, { character: ada, money: 1_200, items: ['sword', 'shield'], reason: 'test' })
  items = granted.items.map(({ id }) => id)
  await store.economy.sendMail({ actor: ada, key: 'b' }, ada, { to: bob, subject: 'Hi', money: 200 })
})
afterAll(() => fresh[Symbol.asyncDispose]())

const audit = (...args: string[]) => strata(['audit', ...args], { environment: { DATABASE_URL: fresh.url }, now })

async function tamper(statement: string, ...values: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: fresh.url })
  await client.connect()
  await client.query(statement, values).finally(() => client.end())
}

it('M1: a sound economy passes; changes that bypass the log are found, with exit code 1', async () => {
  const sound = await audit()
  expect(sound.code).toBe(0)
  expect(`\n${sound.out}`).toMatchInlineSnapshot(`
    "
    The economy as of 08:00:00 UTC

      accounts          3
      items             2
      transactions      2
      money         1,200

    ✓ sound: every balance and every item matches the log
    "
  `)
  await tamper('DELETE FROM items WHERE id = $1', items[0])
  await tamper('UPDATE accounts SET balance = balance + 30 WHERE balance = 1000')
  const broken = await audit()
  expect(broken.code).toBe(1)
  expect(`\n${broken.out.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')}`).toMatchInlineSnapshot(`
    "
    The economy as of 08:00:00 UTC

      accounts          3
      items             1
      transactions      2
      money         1,230

    ✗ 1 items are in the log and have no owner
    ✗ 30 coins of difference between balances and the log

      item ID (sword) is lost: the log says character:audit-ada
      character:audit-ada has 1030: the log says 1000
    "
  `)
  const json = await audit('--json')
  expect([json.code, JSON.parse(json.out)]).toMatchObject([1, { lostItems: 1, duplicatedItems: 0, moneyDifference: 30 }])
})

it('uses the database of the last npm start when none is named', async () => {
  const state = await scratchFolder()
  try {
    const endpoints = { matchmaker: 'http://127.0.0.1:9', orchestrator: 'http://127.0.0.1:9', database: fresh.url }
    await writeFile(join(state, 'endpoints.json'), JSON.stringify(endpoints))
    expect((await strata(['audit', '--json'], { environment: { STRATA_STATE: state } })).out).toContain('"transactions": 2')
  } finally {
    await rm(state, { recursive: true })
  }
})

it('X1: a missing, a silent and a foreign database are reported with what to do', async () => {
  expect(await strata(['audit'])).toMatchObject({ code: 2, problems: expect.stringContaining('--database-url') })
  expect(await audit('--database-url', 'mysql://nowhere')).toMatchObject({ code: 2, problems: expect.stringContaining('postgres://') })
  expect(await audit('--database-url', 'postgres://127.0.0.1:1/strata')).toMatchObject({
    code: 3,
    problems: expect.stringContaining('The database does not answer'),
  })
  await using empty = await freshDatabase()
  expect(await audit('--database-url', empty.url)).toMatchObject({ code: 2, problems: expect.stringContaining('not a database of this version') })
})
