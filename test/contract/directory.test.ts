import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, expect, it } from 'vitest'
import { MemoryDirectory } from '../../directory/memory.ts'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { startRedis } from '../../local/services/redis.ts'
import { startTcpProxy } from '../tcpProxy.ts'
import { directoryContract } from './directory.ts'
import { orderFrom } from './directorySamples.ts'

directoryContract('memory', async () => {
  const directory = new MemoryDirectory()
  return { directory, empty: async () => directory.clear() }
})

async function onRedis(url: string): ReturnType<Parameters<typeof directoryContract>[1]> {
  const prefix = `test:${randomUUID()}:`
  const directory = await RedisDirectory.connect(url, { prefix, clock: 'caller' })
  const empty = async (): Promise<void> => {
    const redis = new Redis(url.replace('redis+cluster:', 'redis:'))
    await Promise.all((await redis.keys(`${prefix}*`)).map((key) => redis.del(key)))
    redis.disconnect()
  }
  return { directory, empty }
}

directoryContract('Redis', async () => onRedis(process.env['REDIS_URL'] ?? '')) // started by test/services.ts

// In cluster mode Redis refuses scripts with keys of several hash slots, even if one server has all slots.
const cleanUp = new AsyncDisposableStack()
afterAll(() => cleanUp.disposeAsync())
let cluster: Promise<string> | undefined
directoryContract('Redis in cluster mode', async () => {
  cluster ??= startCluster()
  return onRedis(await cluster)
})
directoryContract('Redis as a cluster client', async () => {
  cluster ??= startCluster()
  return onRedis((await cluster).replace('redis:', 'redis+cluster:'))
})

async function startCluster(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-cluster-'))
  cleanUp.defer(() => rm(folder, { recursive: true, force: true }))
  return cleanUp.use(await startRedis({ folder, volatile: true, cluster: true })).url
}

it('S4, Q2: Redis: a caller whose clock is 15 s ahead frees no seat and no place, takes its own seat in time, and anchors nobody away', async () => {
  const prefix = `test:${randomUUID()}:`
  await using directory = await RedisDirectory.connect(process.env['REDIS_URL'] ?? '', { prefix })
  const now = Date.now()
  const ahead = now + 15_000
  await directory.addCopy({ id: 'a', map: 'm', server: 's', address: 'ws://s', state: 'open', created: now, since: now })
  const request = (character: string, at: number) => ({
    map: 'm',
    holders: [{ character, entity: 1, name: character, language: 'en' }],
    options: [{ copy: 'a', limit: 10 }],
    now: at,
    deadline: at + 10_000,
  })
  const entry = { id: 'place', map: 'm', holders: [], rank: 0, arrived: now, keepUntil: now + 10_000 }
  const other = { ...entry, id: 'other', arrived: now + 1 }
  expect(await directory.holdSeats(request('x', now))).toBe('a')
  await directory.joinLine(entry, 10)
  await directory.joinLine(other, 10)
  expect(await directory.sweepSeats('m', ahead)).toBe(0)
  expect(await directory.linePosition('m', 'place', ahead)).toEqual({ position: 0, length: 2 })
  expect(await directory.lineHead('m', 5, ahead)).toHaveLength(2)
  expect(await directory.promote(other, request('z', ahead))).toBeUndefined()
  expect(await directory.holdSeats(request('y', ahead))).toBe('a')
  expect((await directory.snapshot('m')).seats.map(({ seat }) => seat.character).toSorted()).toEqual(['x', 'y'])
  expect(await directory.takeSeat('m', 'a', 'x', ahead)).toBe(true)
  expect(await directory.linePosition('m', 'place', now)).toEqual({ position: 0, length: 2 })
})

it('Redis: the mailbox of a removed server expires', async () => {
  const prefix = `test:${randomUUID()}:`
  const url = process.env['REDIS_URL'] ?? ''
  await using directory = await RedisDirectory.connect(url, { prefix })
  await directory.orderMove(orderFrom('gone'))
  const redis = new Redis(url)
  const [mailbox = ''] = await redis.keys(`${prefix}*`)
  expect(await redis.pttl(mailbox)).toBeGreaterThan(24 * 3_600_000)
  await redis.del(mailbox)
  redis.disconnect()
})

it('X1, T1: Redis: a chat message that no directory could have written is ignored, and a feed joins its channels again after a lost connection', async () => {
  const prefix = `test:${randomUUID()}:`
  const url = process.env['REDIS_URL'] ?? ''
  await using proxy = await startTcpProxy(url)
  await using directory = await RedisDirectory.connect(proxy.url, { prefix })
  const received: string[] = []
  await using feed = await directory.openChat((_, { id }) => received.push(id))
  await feed.join(['announcement'])
  const redis = new Redis(url)
  const valid = { id: 'a', text: 'b', at: 1 }
  const invalid = [
    '',
    '{',
    'null',
    '[]',
    '7',
    '{}',
    { ...valid, id: 7 },
    { ...valid, at: 'now' },
    { ...valid, from: {} },
    { ...valid, from: { character: 'c', name: 'd', blocked: 'e' } },
  ]
  for (const text of invalid) await redis.publish(`${prefix}chat:announcement`, typeof text === 'string' ? text : JSON.stringify(text))
  await directory.publishChat('announcement', { ...valid, id: 'first' })
  await expect.poll(() => received).toEqual(['first'])
  const [, before] = await redis.pubsub('NUMSUB', `${prefix}chat:announcement`)
  proxy.cut()
  await expect.poll(async () => (await redis.pubsub('NUMSUB', `${prefix}chat:announcement`))[1]).toBe(0)
  proxy.restore()
  await expect.poll(async () => (await redis.pubsub('NUMSUB', `${prefix}chat:announcement`))[1], { timeout: 5_000 }).toBe(before)
  // The connection that sends may still be down.
  await expect
    .poll(
      () =>
        directory
          .publishChat('announcement', { ...valid, id: 'second' })
          .then(() => true)
          .catch(() => false),
      { timeout: 5_000 },
    )
    .toBe(true)
  await expect.poll(() => received).toEqual(['first', 'second'])
  redis.disconnect()
})
