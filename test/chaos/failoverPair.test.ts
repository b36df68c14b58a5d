import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, expect, it } from 'vitest'
import { startPostgresPair } from './postgresPair.ts'
import { startRedisPair } from './redisPair.ts'

const log = pino({ level: 'silent' })
const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())

async function folderFor(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `strata-pair-${name}-`))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function redisAt(url: string): Redis {
  const client = new Redis(url)
  stack.defer(() => client.disconnect())
  return client
}

async function postgresAt(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => undefined) // when the demoted server stops for a copy
  await client.connect()
  stack.defer(() => client.end().catch(() => undefined))
  return client
}

it('a failover of Redis promotes the replica with all data, and the old primary refuses writes on connections that stay open', {
  timeout: 90_000,
}, async () => {
  const pair = stack.use(await startRedisPair(await folderFor('redis'), log))
  const before = redisAt(pair.url)
  let cuts = 0
  before.on('close', () => cuts++)
  for (const round of ['one', 'two']) {
    const pinned = redisAt(pair.url)
    pinned.on('close', () => cuts++)
    await pinned.set(round, 'kept')
    await pair.failOver()
    await expect(pinned.set(round, 'lost')).rejects.toThrow(/READONLY/)
    const after = redisAt(pair.url)
    expect(await after.get(round)).toBe('kept')
    expect(await after.set('after', round)).toBe('OK')
  }
  expect(cuts).toBe(0)
})

it('a failover of PostgreSQL promotes the replica with all commits, and the old primary refuses writes on connections that stay open', {
  timeout: 180_000,
}, async () => {
  const pair = stack.use(await startPostgresPair(await folderFor('postgres'), log, 1_000))
  const first = await postgresAt(pair.url)
  await first.query('CREATE TABLE kept (id int)')
  for (const round of [1, 2]) {
    const pinned = await postgresAt(pair.url)
    const ids: number[] = []
    let failed = ''
    const writing = (async () => {
      for (let id = round * 100_000; failed === ''; id++) {
        await pinned.query(`INSERT INTO kept VALUES (${id})`).then(
          () => ids.push(id),
          (error: Error & { code?: string }) => {
            failed = error.code ?? error.message
          },
        )
      }
    })()
    await pair.failOver()
    await writing
    expect(failed).toBe('25006')
    const after = await postgresAt(pair.url)
    const { rows } = await after.query<{ id: number }>(`SELECT id FROM kept WHERE id >= ${round * 100_000} AND id < ${(round + 1) * 100_000} ORDER BY id`)
    expect(rows.map(({ id }) => id)).toEqual(ids)
    await after.query('INSERT INTO kept VALUES (1)')
  }
})
