import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { afterAll, expect, it } from 'vitest'
import { MemoryDirectory } from '../../directory/memory.ts'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { startRedis } from '../../local/services/redis.ts'
import type { SeatRequest } from '../../model/seat.ts'
import { clockGauge } from '../../service/metrics.ts'
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
  await directory.joinLine(entry, 10, now)
  await directory.joinLine(other, 10, now)
  expect(await directory.sweepSeats('m', ahead)).toBe(0)
  expect(await directory.linePosition('m', 'place', ahead)).toEqual({ position: 0, length: 2 })
  expect(await directory.lineHead('m', 5, ahead)).toHaveLength(2)
  expect(await directory.promote(other, request('z', ahead))).toBeUndefined()
  expect(await directory.holdSeats(request('y', ahead))).toBe('a')
  expect((await directory.snapshot('m')).seats.map(({ seat }) => seat.character).toSorted()).toEqual(['x', 'y'])
  expect(await directory.takeSeat('m', 'a', 'x', ahead)).toBe(true)
  expect(await directory.linePosition('m', 'place', now)).toEqual({ position: 0, length: 2 })
})

/** A hold by a caller whose clock differs by `by` ms from that of Redis. */
function holdBy(by: number, character: string, forMs: number): SeatRequest {
  const now = Date.now() + by
  const holders = [{ character, entity: 1, name: character, language: 'en' }]
  return { map: 'm', holders, options: [{ copy: 'a', limit: 10 }], now, deadline: now + forMs }
}
const openCopy = { id: 'a', map: 'm', server: 's', address: 'ws://s', state: 'open' as const, created: 0, since: 0 }

it('S4, Q2: Redis: what a caller with a slow clock holds lapses neither early nor as its own clock says', async () => {
  await using directory = await RedisDirectory.connect(process.env['REDIS_URL'] ?? '', { prefix: `test:${randomUUID()}:` })
  await directory.addCopy(openCopy)
  const held = holdBy(-60_000, 'x', 10_000)
  expect(await directory.holdSeats(held)).toBe('a')
  expect(await directory.sweepSeats('m', Date.now())).toBe(0)
  expect(await directory.takeSeat('m', 'a', 'x', Date.now())).toBe(true)
  // A second hold of the taken seat is a promise, which becomes a held seat when the player leaves.
  const again = holdBy(-60_000, 'x', 10_000)
  expect(await directory.holdSeats(again)).toBe('a')
  await directory.freeSeat('m', 'a', 'x')
  expect(await directory.sweepSeats('m', Date.now())).toBe(0)
  await directory.giveBackSeat('m', 'a', 'x', again.deadline)
  expect((await directory.snapshot('m')).seats).toEqual([])

  const late = Date.now() - 60_000
  const entry = { id: 'place', map: 'm', holders: held.holders, rank: 0, arrived: late, keepUntil: late + 10_000 }
  await directory.joinLine(entry, 10, late)
  expect(await directory.linePosition('m', 'place', Date.now())).toEqual({ position: 0, length: 1 })
  expect(await directory.renewLine('m', 'place', late + 20_000, late)).toBe(true)
  const [first] = await directory.lineHead('m', 1, late)
  expect(Math.abs((first?.keepUntil ?? 0) - (late + 20_000))).toBeLessThan(2_000)
  const promotion = holdBy(-60_000, 'x', 10_000)
  expect(await directory.promote(entry, promotion)).toBe('a')
  expect(await directory.promoted('m', 'place')).toEqual({ copy: 'a', deadline: promotion.deadline })
})

it('S4, Q2, P1: Redis: what a caller with a fast clock holds lapses in time', async () => {
  await using directory = await RedisDirectory.connect(process.env['REDIS_URL'] ?? '', { prefix: `test:${randomUUID()}:` })
  for (const id of ['a', 'b']) await directory.addCopy({ ...openCopy, id })
  expect(await directory.holdSeats({ ...holdBy(60_000, 'x', 300), party: 'p' })).toBe('a')
  expect(await directory.holdSeats(holdBy(60_000, 'y', 10_000))).toBe('a')
  expect(await directory.takeSeat('m', 'a', 'y', Date.now())).toBe(true)
  expect(await directory.holdSeats(holdBy(60_000, 'y', 300))).toBe('a')
  await directory.freeSeat('m', 'a', 'y')
  const early = Date.now() + 60_000
  await directory.joinLine({ id: 'place', map: 'm', holders: [], rank: 0, arrived: early, keepUntil: early + 300 }, 10, early)
  await expect.poll(async () => (await directory.sweepSeats('m', 0)) >= 0 && (await directory.snapshot('m')).seats, { timeout: 20_000 }).toEqual([])
  await expect.poll(() => directory.linePosition('m', 'place', 0), { timeout: 20_000 }).toBeUndefined()
  // The anchor of the party has lapsed with its seat.
  expect(await directory.holdSeats({ ...holdBy(0, 'z', 300), party: 'p', options: [{ copy: 'b', limit: 10 }] })).toBe('b')
})

it('Redis: a second hold of a taken seat leaves nothing behind, whichever way it ends', async () => {
  const [url, prefix] = [process.env['REDIS_URL'] ?? '', `test:${randomUUID()}:`]
  await using directory = await RedisDirectory.connect(url, { prefix })
  const redis = new Redis(url)
  const again = holdBy(0, 'x', 10_000)
  const ends = {
    taken: () => directory.takeSeat('m', 'a', 'x', Date.now()),
    freed: () => directory.freeSeat('m', 'a', 'x'),
    'given back': () => directory.giveBackSeat('m', 'a', 'x', again.deadline),
    'removed with the copy': () => directory.removeCopy('m', 'a'),
  }
  for (const [how, end] of Object.entries(ends)) {
    await directory.addCopy(openCopy)
    await directory.holdSeats(holdBy(0, 'x', 9_000))
    await directory.takeSeat('m', 'a', 'x', Date.now())
    await directory.holdSeats(again)
    expect(await redis.hkeys(`${prefix}{map:m}:promises`), how).toEqual(['a\0x'])
    await end()
    expect(await redis.hkeys(`${prefix}{map:m}:promises`), how).toEqual([])
  }
  redis.disconnect()
})

it('Redis: the directory measures how far the clock of this process is behind that of Redis', async () => {
  await using directory = await RedisDirectory.connect(process.env['REDIS_URL'] ?? '', { prefix: `test:${randomUUID()}:` })
  await expect.poll(() => Math.abs(directory.clockOffsetMs ?? Number.POSITIVE_INFINITY), { timeout: 20_000 }).toBeLessThan(500)
  const [own, ahead] = [new Registry(), new Registry()]
  clockGauge(own, directory)
  clockGauge(ahead, { clockOffsetMs: -3_000 })
  expect(await own.metrics()).toMatch(/^strata_clock_offset_seconds -?\d[\d.e-]*$/m)
  expect(await ahead.metrics()).toMatch(/^strata_clock_offset_seconds -3$/m)
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
  await expect.poll(async () => (await redis.pubsub('NUMSUB', `${prefix}chat:announcement`))[1], { timeout: 20_000 }).toBe(before)
  // The connection that sends may still be down.
  await expect
    .poll(
      () =>
        directory
          .publishChat('announcement', { ...valid, id: 'second' })
          .then(() => true)
          .catch(() => false),
      { timeout: 20_000 },
    )
    .toBe(true)
  await expect.poll(() => received).toEqual(['first', 'second'])
  redis.disconnect()
})
