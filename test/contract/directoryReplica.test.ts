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

/** A directory with one map without changes, a replica as in another process, and a Redis client that can corrupt the data. */
async function setUp(stack: AsyncDisposableStack) {
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

it('D1: the loss of all data is detected within two seconds, also without new events, and reported as a gap', async () => {
  await using stack = new AsyncDisposableStack()
  const { replica, redis, prefix, copies } = await setUp(stack)
  expect(copies()).toEqual(['a'])
  const received: string[] = []
  replica.onChange(({ type }) => void received.push(type))
  for (const key of await redis.keys(`${prefix}*`)) await redis.del(key)
  vi.advanceTimersByTime(TICK_MS)
  await expect.poll(copies, { timeout: 20_000 }).toEqual([])
  expect(received).toContain('gap')
})

it('D2: the beat of a server with a wrong clock counts by the local time', async () => {
  await using stack = new AsyncDisposableStack()
  const { directory, replica } = await setUp(stack)
  const report = { id: 's', fleet: 'overworld', address: 'ws://s', rooms: 1, protocol: { min: 1, max: 1 }, draining: false, beat: T0 - 3_600_000 }
  await directory.reportServer(report)
  await expect.poll(() => replica.census().servers.get('s')?.beat, { timeout: 20_000 }).toBe(T0)
})

it('a lost event is detected without a later event', async () => {
  await using stack = new AsyncDisposableStack()
  const { redis, prefix, copies } = await setUp(stack)
  // Simulates a lost message: the copy and its event number are stored, but no event was published.
  await redis.hset(`${prefix}{map:forest}:copies`, 'b', JSON.stringify(openCopy('b')))
  await redis.incr(`${prefix}{map:forest}:seq`)
  for (let check = 0; check < 2; check++) {
    const seqsCall = vi.spyOn(RedisDirectory.prototype, 'seqs')
    vi.advanceTimersByTime(TICK_MS)
    await seqsCall.mock.results[0]?.value
    seqsCall.mockRestore()
  }
  await expect.poll(copies, { timeout: 20_000 }).toEqual(['a', 'b'])
})

it('a partial subscription gets `gap` after a reconnect, and then further events', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'strata-replica-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const redisServer = stack.use(await startRedis({ folder, volatile: true }))
  const directory = stack.use(await RedisDirectory.connect(redisServer.url))
  const stop = new AbortController()
  const received: string[] = []
  const events = await directory.watch(stop.signal, { onlyFor: 's' })
  const watching = (async () => {
    for await (const event of events) received.push(event.type)
  })()
  const redis = new Redis(redisServer.url)
  stack.defer(() => redis.disconnect())
  await redis.client('KILL', 'TYPE', 'PUBSUB')
  await expect.poll(() => received, { timeout: 20_000 }).toEqual(['gap'])
  await directory.orderMove(orderFrom('s'))
  await expect.poll(() => received, { timeout: 20_000 }).toEqual(['gap', 'moveOrdered'])
  stop.abort()
  await watching
})

it('X1: invalid messages on the event channel are ignored; later events arrive', async () => {
  await using stack = new AsyncDisposableStack()
  const { directory, redis, prefix, copies } = await setUp(stack)
  const stop = new AbortController()
  const received: DirectoryEvent[] = []
  const events = await directory.watch(stop.signal)
  const watching = (async () => {
    for await (const event of events) received.push(event)
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
  await expect.poll(copies, { timeout: 20_000 }).toEqual(['a', 'b'])
  await expect.poll(() => received, { timeout: 20_000 }).toMatchObject([{ type: 'copy', copy: { id: 'b' } }])
  stop.abort()
  await watching
  expect(received).toHaveLength(1)
})
