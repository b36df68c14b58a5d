import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { freshDatabase } from '../test/freshDatabase.ts'
import { connected } from './connected.ts'
import { openDatabase } from './database.ts'
import { createStore } from './postgresStore.ts'

/** The way to the database, which can be stopped up or cut. */
async function road(url: string) {
  const own = new URL(url)
  const { port, hostname } = own
  const sockets = new Set<Socket>()
  let open = true
  const server = createServer((inside) => {
    if (!open) return void inside.destroy()
    const outside = connect(Number(port), hostname)
    for (const socket of [inside, outside]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        inside.destroy()
        outside.destroy()
      })
    }
    inside.pipe(outside)
    outside.pipe(inside)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  own.port = String(typeof address === 'object' ? address?.port : '')
  return {
    url: own.href,
    stopUp: () => [...sockets].forEach((socket) => void socket.unpipe().pause()),
    cut: () => {
      open = false
      for (const socket of sockets) socket.destroy()
    },
    mend: () => {
      open = true
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

it('X1: a database that is not there is said to be away, and is used again when it is back', async () => {
  await using fresh = await freshDatabase()
  await using way = await road(fresh.url)
  await using store = await createStore({ url: way.url })
  const { character } = await store.ensureCharacter({ name: 'Hero', language: 'en', friends: [] })
  way.cut()
  await expect(store.profile(character)).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  await expect(store.claim(character, { copy: 'c', server: 's' })).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  await expect(store.tryLead('any')).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  await expect(createStore({ url: way.url })).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  way.mend()
  expect((await store.claim(character, { copy: 'c', server: 's' })).epoch).toBe(1)
})

it('X1: a database that does not answer holds up a ping no longer than its signal says', async () => {
  await using fresh = await freshDatabase()
  await using way = await road(fresh.url)
  await using store = await createStore({ url: way.url })
  await store.ping(AbortSignal.timeout(5_000))
  way.stopUp()
  const before = performance.now()
  await expect(store.ping(AbortSignal.timeout(100))).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  expect(performance.now() - before).toBeLessThan(1_000)
  way.cut()
})

it('X1: a connection that went silent is thrown away, not used again', async () => {
  await using fresh = await freshDatabase()
  await using way = await road(fresh.url)
  await using database = openDatabase({ url: way.url, poolSize: 1, statementTimeoutMs: 100 })
  const ask = () => connected(() => sql`SELECT 1`.execute(database.db))
  await ask()
  way.stopUp()
  await expect(ask()).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  const before = performance.now()
  await ask()
  expect(performance.now() - before).toBeLessThan(1_000)
})
