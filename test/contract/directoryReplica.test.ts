import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, expect, it, vi } from 'vitest'
import { CensusReplica } from '../../directory/censusReplica.ts'
import type { DirectoryEvent } from '../../directory/directory.ts'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { startRedis } from '../../local/services/redis.ts'
import { openCopy, orderFrom } from './directorySamples.ts'

const url = process.env['REDIS_URL'] ?? '' // started by test/services.ts
const T0 = 1_700_000_000_000
const TICK_MS = 1_000
const clock = { now: () => T0 }

afterEach(() => void vi.useRealTimers())

/** A directory with one quiet map, the replica of another process, and a client that may do harm. */
async function world(stack: AsyncDisposableStack) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const prefix = `replica-${randomUUID()}:`
  const directory = stack.use(await RedisDirectory.connect(url, { prefix }))
  await directory.addCopy(openCopy('a'))
  const replica = stack.use(await CensusReplica.follow(stack.use(await RedisDirectory.connect(url, { prefix })), clock))
  const redis = new Redis(url)
  stack.defer(() => redis.disconnect())
  const copies = (): string[] => [...(replica.census().maps.get('forest')?.copies.keys() ?? [])].sort()
  return { directory, replica, redis, prefix, copies }
}

it('D1: an emptied directory is noticed within two seconds on a map where nothing happens, and told as a gap', async () => {
  await using stack = new AsyncDisposableStack()
  const { replica, redis, prefix, copies } = await world(stack)
  expect(copies()).toEqual(['a'])
  const told: string[] = []
  replica.onChange(({ type }) => void told.push(type))
  for (const key of await redis.keys(`${prefix}*`)) await redis.del(key)
  vi.advanceTimersByTime(TICK_MS)
  await expect.poll(copies, { timeout: 1_000 }).toEqual([])
  expect(told).toContain('gap')
})

it('D2: a server whose clock is an hour behind beats like any other', async () => {
  await using stack = new AsyncDisposableStack()
  const { directory, replica } = await world(stack)
  const report = { id: 's', fleet: 'overworld', address: 'ws://s', rooms: 1, protocol: { min: 1, max: 1 }, draining: false, beat: T0 - 3_600_000 }
  await directory.reportServer(report)
  await expect.poll(() => replica.census().servers.get('s')?.beat, { timeout: 1_000 }).toBe(T0)
})

it('an event that was lost on the way is noticed without a next one', async () => {
  await using stack = new AsyncDisposableStack()
  const { redis, prefix, copies } = await world(stack)
  // As if the message had gone astray: the copy is there and counted, nobody was told.
  await redis.hset(`${prefix}{map:forest}:copies`, 'b', JSON.stringify(openCopy('b')))
  await redis.incr(`${prefix}{map:forest}:seq`)
  for (let look = 0; look < 2; look++) {
    const asked = vi.spyOn(RedisDirectory.prototype, 'seqs')
    vi.advanceTimersByTime(TICK_MS)
    await asked.mock.results[0]?.value
    asked.mockRestore()
  }
  await expect.poll(copies, { timeout: 1_000 }).toEqual(['a', 'b'])
})

it('whoever hears only a part is told after a reconnect that something may have been missed, and hears again', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'strata-replica-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const own = stack.use(await startRedis({ folder, volatile: true }))
  const directory = stack.use(await RedisDirectory.connect(own.url))
  const stop = new AbortController()
  const heard: string[] = []
  const events = await directory.watch(stop.signal, { onlyFor: 's' })
  const watching = (async () => {
    for await (const event of events) heard.push(event.type)
  })()
  const redis = new Redis(own.url)
  stack.defer(() => redis.disconnect())
  await redis.client('KILL', 'TYPE', 'PUBSUB')
  await expect.poll(() => heard, { timeout: 2_000 }).toEqual(['gap'])
  await directory.orderMove(orderFrom('s'))
  await expect.poll(() => heard, { timeout: 2_000 }).toEqual(['gap', 'moveOrdered'])
  stop.abort()
  await watching
})

it('X1: garbage on the event channel is passed over; whoever watches hears what comes after it', async () => {
  await using stack = new AsyncDisposableStack()
  const { directory, redis, prefix, copies } = await world(stack)
  const stop = new AbortController()
  const heard: DirectoryEvent[] = []
  const events = await directory.watch(stop.signal)
  const watching = (async () => {
    for await (const event of events) heard.push(event)
  })()
  const garbage = [
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '{"type":"toString"}',
    '{"type":"gap"}',
    '{"type":"seats","map":"forest","seq":2,"copy":"a","set":[null],"freed":[]}',
    '{"type":"seats","map":"forest","seq":2,"copy":"a"}',
    '{"type":"copy","map":"forest","seq":2}',
    '{"type":"server","server":"s","report":7}',
    '{"type":"line","map":"forest","seq":2,"waiting":1,"turn":"x"}',
    `{"type":"line","map":"forest","seq":2,"waiting":"${'x'.repeat(100_000)}"}`,
  ]
  for (const text of garbage) await redis.publish(`${prefix}events`, text)
  await directory.addCopy(openCopy('b'))
  await expect.poll(copies, { timeout: 2_000 }).toEqual(['a', 'b'])
  await expect.poll(() => heard, { timeout: 2_000 }).toMatchObject([{ type: 'copy', copy: { id: 'b' } }])
  stop.abort()
  await watching
  expect(heard).toHaveLength(1)
})
