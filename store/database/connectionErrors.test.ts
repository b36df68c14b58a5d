import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { freshDatabase } from '../../test/freshDatabase.ts'
import { makeCharacter } from '../../test/people.ts'
import { startTcpProxy } from '../../test/tcpProxy.ts'
import { createStore } from '../postgresStore.ts'
import { mapConnectionErrors } from './connectionErrors.ts'
import { openDatabase } from './database.ts'
import { migrate } from './migrate.ts'

it('X1: calls throw DEPENDENCY_DOWN while the database is unreachable, and work again afterwards', async () => {
  await using fresh = await freshDatabase()
  await migrate(fresh.url)
  await using proxy = await startTcpProxy(fresh.url)
  await using store = await createStore({ url: proxy.url })
  const { character } = await makeCharacter(store, { name: 'Hero' })
  proxy.cut()
  await expect(store.profile(character)).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  await expect(store.claim(character, { copy: 'c', server: 's' })).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  await expect(store.tryLead('any')).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  await expect(createStore({ url: proxy.url })).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  proxy.restore()
  expect((await store.claim(character, { copy: 'c', server: 's' })).epoch).toBe(1)
})

it('X1: a missing Unix socket throws DEPENDENCY_DOWN', async () => {
  const url = 'postgresql://strata@localhost/strata?host=/nowhere'
  await expect(createStore({ url })).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN', cause: { code: 'ENOENT' } })
})

it('X1: a ping to a database that does not answer ends when its signal aborts', async () => {
  await using fresh = await freshDatabase()
  await migrate(fresh.url)
  await using proxy = await startTcpProxy(fresh.url)
  await using store = await createStore({ url: proxy.url })
  await store.ping(AbortSignal.timeout(5_000))
  proxy.stall()
  const before = performance.now()
  await expect(store.ping(AbortSignal.timeout(100))).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  expect(performance.now() - before).toBeLessThan(1_000)
  proxy.cut()
})

it('X1: a connection on which a statement timed out is discarded', async () => {
  await using fresh = await freshDatabase()
  await using proxy = await startTcpProxy(fresh.url)
  await using database = openDatabase({ url: proxy.url, poolSize: 1, statementTimeoutMs: 100 })
  const select = () => mapConnectionErrors(() => sql`SELECT 1`.execute(database.db))
  await select()
  proxy.stall()
  await expect(select()).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  const before = performance.now()
  await select()
  expect(performance.now() - before).toBeLessThan(1_000)
})

it('X1: after a change of a table, one call with a prepared statement fails, and the next one works', async () => {
  await using fresh = await freshDatabase()
  await using database = openDatabase<{ things: { id: number; size: number } }>({ url: fresh.url, poolSize: 1 })
  const { db } = database
  await sql`CREATE TABLE things (id integer, size integer)`.execute(db)
  const select = () => mapConnectionErrors(() => db.selectFrom('things').selectAll().where('id', '=', 1).execute())
  await select()
  await sql`ALTER TABLE things ALTER COLUMN size TYPE bigint`.execute(db)
  await expect(select()).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  expect(await select()).toEqual([])
})

it('X1: of two transactions that wait for each other one ends, and the other throws DEPENDENCY_DOWN', async () => {
  await using fresh = await freshDatabase()
  await using database = openDatabase<{ things: { id: number; size: number } }>({ url: fresh.url, poolSize: 2 })
  const { db } = database
  await sql`CREATE TABLE things (id integer, size integer)`.execute(db)
  await sql`INSERT INTO things VALUES (1, 0), (2, 0)`.execute(db)
  const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
  const lockInOrder = (first: number, mine: 0 | 1) =>
    mapConnectionErrors(() =>
      db.transaction().execute(async (tx) => {
        await sql`UPDATE things SET size = size + 1 WHERE id = ${first}`.execute(tx)
        both[mine].resolve()
        await both[mine === 0 ? 1 : 0].promise
        await sql`UPDATE things SET size = size + 1 WHERE id = ${3 - first}`.execute(tx)
      }),
    )
  const results = await Promise.allSettled([lockInOrder(1, 0), lockInOrder(2, 1)])
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'DEPENDENCY_DOWN' } })
  expect((await sql<{ size: number }>`SELECT size FROM things`.execute(db)).rows).toEqual([{ size: 1 }, { size: 1 }])
})

it('a warm store opens all its connections before the first statement', async () => {
  await using fresh = await freshDatabase()
  await migrate(fresh.url)
  await using store = await createStore({ url: fresh.url, poolSize: 3, warm: true })
  const count = sql<{ open: number }>`SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
  await using observer = openDatabase({ url: fresh.url, poolSize: 1 })
  expect((await count.execute(observer.db)).rows).toEqual([{ open: 3 }])
  await store.ping(AbortSignal.timeout(5_000))
})

it('warmUp logs the connections that could not be opened, and rejects if none could', async () => {
  await using fresh = await freshDatabase()
  await using admin = openDatabase({ url: fresh.url, poolSize: 1 })
  const role = `limited_${randomUUID().replaceAll('-', '')}`
  const limit = (connections: number) => sql.raw(`ALTER ROLE ${role} CONNECTION LIMIT ${connections}`).execute(admin.db)
  await sql.raw(`CREATE ROLE ${role} LOGIN PASSWORD 'of-a-test' CONNECTION LIMIT 1`).execute(admin.db)
  const url = Object.assign(new URL(fresh.url), { username: role, password: 'of-a-test' }).href
  const warnings: object[] = []
  const opened = () => openDatabase({ url, poolSize: 3, warm: true, log: { warn: (details) => warnings.push(details) } })
  {
    await using database = opened()
    await database.warmUp()
    expect(warnings).toMatchObject([{ failed: 2, of: 3 }])
    await sql`SELECT 1`.execute(database.db)
  }
  await limit(0)
  await using refused = opened()
  await expect(refused.warmUp()).rejects.toMatchObject({ code: '53300' })
  await sql.raw(`DROP ROLE ${role}`).execute(admin.db)
})
