import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterAll, expect, it, vi } from 'vitest'
import { RedisDirectory } from '../directory/redis/redisDirectory.ts'
import { startOwned } from '../local/services/ownedProcess.ts'
import { choosePort } from '../local/services/ports.ts'
import { startPostgres } from '../local/services/postgres.ts'
import { startRedis } from '../local/services/redis.ts'
import type { SeatHolder } from '../model/seat.ts'
import { migrate } from '../store/database/migrate.ts'
import { createStore } from '../store/postgresStore.ts'
import { openCopy } from './contract/directorySamples.ts'
import { Servers } from './gameserver/harness/servers.ts'
import { makeCharacter } from './people.ts'
import { startTcpProxy } from './tcpProxy.ts'

/** Longest time until a process works again after a failover, in ms. */
const RECOVERY_MS = 10_000

const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())

async function folderFor(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `strata-${name}-`))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const redisNode = (name: string): ReturnType<typeof redisServer> => redisServer(name, true)

async function redisServer(name: string, cluster = false): Promise<{ url: string; port: number; say(...command: string[]): Promise<unknown> }> {
  const { url } = stack.use(await startRedis({ folder: await folderFor(name), volatile: true, cluster }))
  // Without retries: a test stops the server.
  const client = new Redis(url, { maxRetriesPerRequest: 0 })
  client.on('error', () => undefined)
  stack.defer(() => client.disconnect())
  const say = ([command = '', ...rest]: string[]) => client.call(command, ...rest)
  return { url, port: Number(new URL(url).port), say: (...command) => say(command) }
}

async function query(connectionString: string, text: string): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  await client.query(text)
  await client.end()
}

/** Resolves with the time that it took until `work` succeeded; rejects after RECOVERY_MS. */
async function recovers(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  for (;;) {
    try {
      await work()
      return performance.now() - began
    } catch (error) {
      if (performance.now() - began > RECOVERY_MS) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

it('D1: a demoted Redis behind a proxy, without a cut connection: writes and events come back by themselves, and ping tells meanwhile', {
  timeout: 60_000,
}, async () => {
  const [first, second] = [await redisServer('first'), await redisServer('second')]
  await second.say('REPLICAOF', '127.0.0.1', String(first.port))
  await using proxy = await startTcpProxy(first.url)
  await using directory = await RedisDirectory.connect(proxy.url)
  const watching = new AbortController()
  stack.defer(() => watching.abort())
  const seen: string[] = []
  const events = await directory.watch(watching.signal)
  void (async () => {
    for await (const event of events) seen.push(event.type === 'copy' ? event.copy.id : event.type)
  })()
  await directory.addCopy(openCopy('before'))

  // The roles swap. The proxy keeps the open connections to the old primary, which follows nobody who writes to it any more.
  await second.say('REPLICAOF', 'NO', 'ONE')
  await first.say('REPLICAOF', '127.0.0.1', '1')
  await expect(directory.addCopy(openCopy('refused'))).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  await expect(directory.ping()).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  proxy.leadTo(second.url)
  expect(await recovers(() => directory.ping())).toBeLessThan(RECOVERY_MS)
  // What is published before the subscription is at the new primary is lost; the gap that follows makes a watcher read it.
  let added = 0
  await recovers(async () => {
    const id = `after-${++added}`
    await directory.addCopy(openCopy(id))
    await vi.waitFor(() => expect(seen).toContain(id), { timeout: 500 })
  })
})

/** A primary, and a replica whose replication the test can stop, behind one address. */
async function lossyPair(name: string) {
  const [first, second] = [await redisServer(`${name}-first`), await redisServer(`${name}-second`)]
  const replication = stack.use(await startTcpProxy(first.url))
  await second.say('REPLICAOF', '127.0.0.1', new URL(replication.url).port)
  await recovers(async () => expect(String(await second.say('INFO', 'replication'))).toContain('master_link_status:up'))
  const address = stack.use(await startTcpProxy(first.url))
  const failOver = async (): Promise<void> => {
    await second.say('REPLICAOF', 'NO', 'ONE')
    await first.say('REPLICAOF', '127.0.0.1', '1')
    address.leadTo(second.url)
    address.cut()
    address.restore()
  }
  return { second, address, replication, failOver }
}

it('S3, D1: a failover that loses the last writes: the seats and presence of players are back within 2 s, without a disconnect', {
  timeout: 60_000,
}, async () => {
  const { second, address, replication, failOver } = await lossyPair('lossy')
  const servers = stack.use(await Servers.start({ redis: address.url }))
  const copy = await servers.open('forest', 'forest-1', await servers.server())
  const [early, late] = [await servers.holder('Early Ann'), await servers.holder('Late Ben')]
  const players = [await servers.enter(early, copy)]
  await using promoted = await RedisDirectory.connect(second.url, { prefix: servers.redisPrefix })
  const seated = async ({ character }: SeatHolder): Promise<boolean> => {
    const { seats } = await promoted.snapshot('forest')
    return seats.some(({ seat }) => seat.character === character && seat.state === 'taken') && (await promoted.presence([character])).has(character)
  }
  await recovers(async () => expect(await seated(early)).toBe(true))
  replication.stall()
  players.push(await servers.enter(late, copy))
  await failOver()
  expect(await seated(late)).toBe(false)
  expect(await recovers(async () => expect(await seated(late)).toBe(true))).toBeLessThan(2_000)
  expect(players.map(({ closed }) => closed)).toEqual([undefined, undefined])
  await Promise.all(players.map(({ room }) => room.leave()))
})

it('S3: with REDIS_WAIT_REPLICAS a held seat is on the replica, and without one that answers nobody gets a seat', { timeout: 60_000 }, async () => {
  const { second, address, replication } = await lossyPair('waiting')
  await using directory = await RedisDirectory.connect(address.url, { waitReplicas: 1 })
  await directory.addCopy(openCopy('a'))
  const { map } = openCopy('a')
  const hold = (character: string): Promise<string | undefined> => {
    const holders = [{ character, entity: 1, name: character, language: 'en' }]
    return directory.holdSeats({ map, holders, options: [{ copy: 'a', limit: 100 }], now: Date.now(), deadline: Date.now() + 60_000 })
  }
  // Read by another connection at the moment of each answer.
  const onReplica = async (character: string): Promise<unknown> => second.say('HEXISTS', `strata:{map:${map}}:seats:a`, character)
  const names = Array.from({ length: 40 }, (_, n) => `player-${n}`)
  const answers = await Promise.all(names.map(async (name) => [await hold(name), await onReplica(name)]))
  expect(answers).toEqual(names.map(() => ['a', 1]))
  replication.stall()
  await expect(hold('late')).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  // A full copy needs no confirmation.
  expect(await directory.holdSeats({ map, holders: [], options: [], now: Date.now(), deadline: Date.now() })).toBeUndefined()
  await expect(RedisDirectory.connect('redis+cluster://127.0.0.1:1', { waitReplicas: 1 })).rejects.toMatchObject({ code: 'SETTING_INVALID' })
})

it('D1: a process that only reads finds the new primary by itself, also while a stale address still leads to the old one', { timeout: 60_000 }, async () => {
  const [first, second] = [await redisServer('read-first'), await redisServer('read-second')]
  await using proxy = await startTcpProxy(first.url)
  await using directory = await RedisDirectory.connect(proxy.url)
  await using writer = await RedisDirectory.connect(second.url)
  await writer.addCopy(openCopy('there'))
  await first.say('REPLICAOF', '127.0.0.1', '1')
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  expect(await directory.maps()).toEqual([])
  proxy.leadTo(second.url)
  expect(await recovers(async () => expect(await directory.maps()).toHaveLength(1))).toBeLessThan(RECOVERY_MS)
})

it('D1: a Redis Cluster that promotes a replica, and then loses the old primary: writes and events go on', { timeout: 90_000 }, async () => {
  const [first, second] = [await redisNode('cluster-first'), await redisNode('cluster-second')]
  // Each node of `startRedis` has all slots; the second one gives them up.
  await second.say('FLUSHALL')
  await second.say('CLUSTER', 'FLUSHSLOTS')
  await second.say('CLUSTER', 'MEET', '127.0.0.1', String(first.port))
  const id = String(await first.say('CLUSTER', 'MYID'))
  await recovers(() => second.say('CLUSTER', 'REPLICATE', id))
  await recovers(async () => expect(String(await second.say('INFO', 'replication'))).toContain('master_link_status:up'))
  await using directory = await RedisDirectory.connect(`redis+cluster://127.0.0.1:${first.port},127.0.0.1:${second.port}`)
  const watching = new AbortController()
  stack.defer(() => watching.abort())
  const seen: string[] = []
  const events = await directory.watch(watching.signal)
  void (async () => {
    for await (const event of events) seen.push(event.type === 'copy' ? event.copy.id : event.type)
  })()
  await directory.addCopy(openCopy('before'))
  await vi.waitFor(() => expect(seen).toContain('before'))

  await recovers(() => second.say('CLUSTER', 'FAILOVER', 'TAKEOVER'))
  await recovers(async () => expect(String(await first.say('ROLE'))).toContain('slave'))
  let added = 0
  const goesOn = async (): Promise<void> => {
    const copy = `after-${++added}`
    await directory.ping()
    await directory.addCopy(openCopy(copy))
    await vi.waitFor(() => expect(seen).toContain(copy), { timeout: 500 })
  }
  expect(await recovers(goesOn)).toBeLessThan(RECOVERY_MS)
  // The node that the client was given is gone for good: writes and events go over the other one.
  await first.say('SHUTDOWN', 'NOSAVE').catch(() => undefined)
  expect(await recovers(goesOn)).toBeLessThan(RECOVERY_MS)
})

it('D1: Sentinels that promote a replica lead the directory to the new primary', { timeout: 90_000 }, async () => {
  const [first, second] = [await redisServer('sentinel-first'), await redisServer('sentinel-second')]
  await second.say('REPLICAOF', '127.0.0.1', String(first.port))
  const folder = await folderFor('sentinel')
  const port = await choosePort(undefined, '')
  const configuration = join(folder, 'sentinel.conf')
  await writeFile(
    configuration,
    `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor world 127.0.0.1 ${first.port} 1\nsentinel down-after-milliseconds world 1000\nsentinel failover-timeout world 5000\n`,
  )
  const sentinel = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: null })
  sentinel.on('error', () => undefined)
  stack.use(
    await startOwned({
      what: 'Redis Sentinel',
      folder,
      command: 'redis-server',
      program: 'redis-server',
      args: [configuration, '--sentinel'],
      stopSignal: 'SIGTERM',
      ready: async () => {
        const client = sentinel.duplicate()
        client.on('error', () => undefined)
        await client.connect()
        client.disconnect()
      },
    }),
  )
  await sentinel.connect()
  stack.defer(() => sentinel.disconnect())
  await recovers(async () => expect(await sentinel.call('SENTINEL', 'REPLICAS', 'world')).toHaveLength(1))
  await using directory = await RedisDirectory.connect(`redis+sentinel://127.0.0.1:${port}/world`)
  await directory.addCopy(openCopy('before'))
  await recovers(() => sentinel.call('SENTINEL', 'FAILOVER', 'world') as Promise<unknown>)
  await recovers(async () => expect(String(await second.say('ROLE'))).toContain('master'))
  expect(await recovers(() => directory.addCopy(openCopy('after')))).toBeLessThan(RECOVERY_MS)
  expect(String(await second.say('ROLE'))).toContain('master')
})

it('D2, D3: a PostgreSQL that turns read-only is an outage that ping tells and ends the leadership, and the pool goes to the new primary by itself', {
  timeout: 120_000,
}, async () => {
  const [first, second] = [
    stack.use(await startPostgres({ folder: await folderFor('pg-first') })),
    stack.use(await startPostgres({ folder: await folderFor('pg-second') })),
  ]
  await Promise.all([migrate(first.url), migrate(second.url)])
  await using proxy = await startTcpProxy(first.url)
  await using store = await createStore({ url: proxy.url, poolSize: 4, warm: true })
  await using other = await createStore({ url: second.url })
  const { character } = await makeCharacter(store, { name: 'Failover Ada' })
  await makeCharacter(other, { name: 'Failover Ada' })
  const at = { copy: 'copy-1', server: 'server-1' }
  await store.claim(character, at)
  const leads = await store.tryLead('planner')
  expect(leads?.lost.aborted).toBe(false)

  // The proxy leads to both with one password.
  await query(second.url, `ALTER USER postgres PASSWORD '${decodeURIComponent(new URL(first.url).password)}'`)
  const admin = new Client({ connectionString: first.url })
  await admin.connect()
  stack.defer(() => admin.end())
  await admin.query('ALTER SYSTEM SET default_transaction_read_only = on')
  await admin.query('SELECT pg_reload_conf()')
  await recovers(async () => {
    const { rows } = await admin.query('SHOW default_transaction_read_only')
    expect(rows).toEqual([{ default_transaction_read_only: 'on' }])
  })
  await expect(store.claim(character, at)).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  // A leader at the old primary would go on beside a second one at the new primary.
  await vi.waitFor(() => expect(leads?.lost.aborted).toBe(true), { timeout: 20_000 })
  await expect(store.tryLead('planner')).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  await expect(store.ping(AbortSignal.timeout(2_000))).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  proxy.leadTo(second.url)
  expect(await recovers(() => store.ping(AbortSignal.timeout(2_000)))).toBeLessThan(RECOVERY_MS)
  // Every connection of the pool leads to the new primary: four statements at once use all of them.
  const epochs = await Promise.all(Array.from({ length: 4 }, () => store.claim(character, at)))
  expect(epochs.map(({ epoch }) => epoch).sort()).toEqual([1, 2, 3, 4])
})
