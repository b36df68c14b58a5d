import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LocalWorld } from '../../local/world.ts'
import type { MapName } from '../../model/ids.ts'
import { auditDatabase } from '../../store/economy/ledger/audit.ts'
import { Crowd } from '../cluster/world/crowd.ts'
import { until } from '../cluster/world/until.ts'
import { startTestWorld, worldFolder } from '../localWorld.ts'

const MAP = 'forest' as MapName
const PLAYERS = 24
/** Rule D2, from the loss until the last player is in the world again. */
const BACK_WITHIN_MS = 10_000

const stack = new AsyncDisposableStack()
let world: LocalWorld
let crowd: Crowd
beforeAll(async () => {
  const { folder, policies } = await worldFolder('lost-server')
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  world = stack.use((await startTestWorld({ folder, policies })).world)
  crowd = stack.use(await Crowd.entered(world.matchmakerUrl, 'Castaway', PLAYERS, MAP))
}, 240_000)
afterAll(() => stack.disposeAsync(), 60_000)

/** The server that hosts most of the players, and how many of them. */
function fullest(): { server: string; players: number } {
  const players = new Map<string, number>()
  for (const { copies } of world.replica.census().maps.values())
    for (const { copy } of copies.values()) players.set(copy.server, (players.get(copy.server) ?? 0) + (crowd.copies.get(copy.id) ?? 0))
  const [[server, most] = ['', 0]] = [...players].sort((a, b) => b[1] - a[1])
  return { server, players: most }
}

it.each([
  ['is killed, so that connections to it are refused,', 'SIGKILL'],
  // The kernel takes connections for the process, and nothing answers. The fleet still lists the server as Allocated.
  ['is paused, so that connections to it stay without an answer,', 'SIGSTOP'],
] as const)('D2: when a game server %s its players are back in the world within 10 s, and nothing is lost', { timeout: 180_000 }, async (_how, signal) => {
  await until('a spare server', () => world.host.servers().some(({ state }) => state === 'Ready') || world.host.servers(), 60_000)
  await until('all players in the world', () => crowd.online === PLAYERS, 60_000)
  const { server, players } = fullest()
  expect(players).toBeGreaterThan(0)
  const { pid } = world.host.servers().find(({ id }) => id === server) ?? {}
  if (pid === undefined) throw new Error(`the fleet has no server ${server}`)
  const before = crowd.stats.data().downs.length
  const back = (): number => crowd.stats.data().downs.length - before
  const lostAt = performance.now()
  process.kill(pid, signal)
  try {
    await until('all players back', () => (back() >= players && crowd.online === PLAYERS) || crowd.stats.report(), 60_000, 50)
    const slowest = Math.round(performance.now() - lostAt)
    expect(slowest, JSON.stringify(crowd.stats.report())).toBeLessThan(BACK_WITHIN_MS)
    expect(back()).toBe(players)
    expect(fullest().server).not.toBe(server)
    expect((await auditDatabase(world.services.postgres.url)).findings).toEqual([])
  } finally {
    if (signal === 'SIGSTOP') process.kill(pid, 'SIGCONT')
  }
})
