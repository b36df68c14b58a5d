import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, expect, it, vi } from 'vitest'
import { CensusReplica } from '../directory/censusReplica.ts'
import { Keys } from '../directory/redis/keys.ts'
import { RedisDirectory } from '../directory/redis/redisDirectory.ts'
import { startRedis } from '../local/services/redis.ts'
import type { MapName } from '../model/ids.ts'
import { openCopy } from './contract/directorySamples.ts'

/** A cluster promotes a replica when a primary has been silent for this long, in ms. Redis' own default is 15 s. */
const NODE_TIMEOUT_MS = 2_000
/** Longest time until everything works again after the loss of a primary, in ms. */
const RECOVERY_MS = 10_000
const SLOTS = 16_384
const PRIMARIES = 3
const CAP = 20

const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())

interface Node {
  port: number
  pid: number
  say(...command: (string | number)[]): Promise<unknown>
}

async function node(name: string): Promise<Node> {
  const folder = await mkdtemp(join(tmpdir(), `strata-${name}-`))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const { url, process } = stack.use(await startRedis({ folder, volatile: true, cluster: true }))
  const client = new Redis(url, { maxRetriesPerRequest: 0 })
  client.on('error', () => undefined)
  stack.defer(() => client.disconnect())
  const say = ([command = '', ...rest]: (string | number)[]) => client.call(String(command), ...rest)
  const running: Node = { port: Number(new URL(url).port), pid: process?.pid ?? 0, say: (...command) => say(command) }
  // Each node of `startRedis` has all slots.
  await running.say('FLUSHALL')
  await running.say('CLUSTER', 'FLUSHSLOTS')
  await running.say('CONFIG', 'SET', 'cluster-node-timeout', NODE_TIMEOUT_MS)
  // The maps of the other primaries go on while one is lost.
  await running.say('CONFIG', 'SET', 'cluster-require-full-coverage', 'no')
  return running
}

async function until<T>(work: () => Promise<T>, withinMs: number): Promise<number> {
  const began = performance.now()
  await vi.waitFor(work, { timeout: withinMs, interval: 100 })
  return performance.now() - began
}

/** Three primaries, and a replica of the first one. */
async function startCluster(): Promise<{ primaries: Node[]; replica: Node; slotOwner: (slot: number) => number }> {
  const [replica, ...primaries] = await Promise.all(['replica', 'one', 'two', 'three'].map(node))
  const [first] = primaries
  if (replica === undefined || first === undefined) throw new Error('no nodes')
  const slotOwner = (slot: number): number => Math.min(PRIMARIES - 1, Math.floor((slot * PRIMARIES) / SLOTS))
  const from = (index: number): number => Math.ceil((index * SLOTS) / PRIMARIES)
  for (const [index, one] of primaries.entries()) {
    await one.say('CLUSTER', 'ADDSLOTSRANGE', from(index), from(index + 1) - 1)
    await one.say('CLUSTER', 'SET-CONFIG-EPOCH', index + 1).catch(() => undefined)
  }
  for (const one of [...primaries.slice(1), replica]) await one.say('CLUSTER', 'MEET', '127.0.0.1', first.port)
  const id = String(await first.say('CLUSTER', 'MYID'))
  await until(() => replica.say('CLUSTER', 'REPLICATE', id), RECOVERY_MS)
  await until(async () => expect(String(await replica.say('INFO', 'replication'))).toContain('master_link_status:up'), RECOVERY_MS)
  for (const one of primaries) {
    await until(async () => {
      const info = String(await one.say('CLUSTER', 'INFO'))
      expect(info).toContain('cluster_state:ok')
      expect(info).toContain(`cluster_size:${PRIMARIES}`)
      expect(info).toContain('cluster_known_nodes:4')
    }, RECOVERY_MS)
  }
  return { primaries, replica, slotOwner }
}

it('S3, D1: a Redis Cluster of three primaries spreads the maps; one primary is killed, the others go on, and its maps are back within 10 s', {
  timeout: 120_000,
}, async () => {
  const { primaries, slotOwner } = await startCluster()
  const [first, second, third] = primaries as [Node, Node, Node]
  const address = `redis+cluster://127.0.0.1:${second.port},127.0.0.1:${third.port}`
  const keys = new Keys('strata:')
  await using directory = await RedisDirectory.connect(address)
  await using other = await RedisDirectory.connect(address)
  await using replica = await CensusReplica.follow(other, { now: Date.now })
  const owner = async (map: MapName): Promise<number> => slotOwner(Number(await first.say('CLUSTER', 'KEYSLOT', keys.map(map))))
  const maps = await Promise.all(Array.from({ length: 24 }, async (_, n) => ({ map: `map-${n}`, on: await owner(`map-${n}`) })))
  for (let index = 0; index < PRIMARIES; index++) expect(maps.filter(({ on }) => on === index).length).toBeGreaterThan(2)

  const holder = (character: string) => ({ character, entity: 1, name: character, language: 'en' })
  const enter = async (map: MapName, character: string): Promise<boolean> => {
    const options = [{ copy: `${map}-a`, limit: CAP }]
    const copy = await directory.holdSeats({ map, holders: [holder(character)], options, now: Date.now(), deadline: Date.now() + 60_000 })
    return copy !== undefined && (await directory.takeSeat(map, copy, character, Date.now()))
  }
  const seatsOf = async (map: MapName): Promise<number> => (await directory.snapshot(map)).seats.length
  for (const { map } of maps) await directory.addCopy({ ...openCopy(`${map}-a`), map })
  // More want to enter than fit, all at once.
  const entered = await Promise.all(maps.flatMap(({ map }) => Array.from({ length: CAP + 10 }, (_, n) => enter(map, `${map} ${n}`))))
  expect(entered.filter(Boolean)).toHaveLength(maps.length * CAP)
  for (const { map } of maps) expect(await seatsOf(map)).toBe(CAP)
  await vi.waitFor(() =>
    expect([...replica.census().maps.values()].reduce((sum, { copies }) => sum + (copies.values().next().value?.seats.size ?? 0), 0)).toBe(maps.length * CAP),
  )

  process.kill(first.pid, 'SIGKILL')
  const [lost, kept] = [maps.filter(({ on }) => on === 0), maps.filter(({ on }) => on !== 0)]
  await new Promise((resolve) => setTimeout(resolve, NODE_TIMEOUT_MS / 2))
  // Nobody has noticed yet that the primary is gone; the maps of the others work.
  const leaveAndEnter = async ({ map }: { map: MapName }, round: string): Promise<void> => {
    const { seats } = await directory.snapshot(map)
    const leaving = seats[0]?.seat.character ?? ''
    await directory.freeSeat(map, `${map}-a`, leaving)
    expect(await enter(map, `${map} ${round}`)).toBe(true)
    expect(await enter(map, `${map} ${round} too many`)).toBe(false)
  }
  for (const one of kept) await leaveAndEnter(one, 'meanwhile')
  for (const one of lost) expect(await until(() => leaveAndEnter(one, 'after'), RECOVERY_MS)).toBeLessThan(RECOVERY_MS)
  for (const { map } of maps) expect(await seatsOf(map)).toBe(CAP)
  // The census of another process hears of everything again, on the maps of all primaries.
  await vi.waitFor(
    async () => {
      for (const { map, on } of maps)
        expect([...(replica.census().maps.get(map)?.copies.get(`${map}-a`)?.seats.keys() ?? [])]).toContain(`${map} ${on === 0 ? 'after' : 'meanwhile'}`)
    },
    { timeout: RECOVERY_MS },
  )
})
