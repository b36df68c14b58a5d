import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Walker } from './border/walker.ts'
import { inFlight, quantile, type Report, rounded } from './report.ts'
import { say, startLocalWorld } from './world/localWorld.ts'

/**
 * Players walk at full speed over the border between two maps of the demo; each map runs in its own game-server process. Measures how
 * long a player sees the own body stand still at a crossing (snapshots arrive every 100 ms). Then all zigzag over the border for a minute.
 */
export const summary = '50 walkers cross a border 1,000 times at full speed, then zigzag over it'

const WALKERS = 50
/** Crossings to measure, all walkers together. */
const CROSSINGS = 1_000
/** Longest time for them, in ms. */
const CROSSINGS_TIMEOUT_MS = 240_000
/** Length of the zigzag phase, in ms. */
const ZIGZAG_MS = 60_000
/** How far past the border a zigzagging walker turns around, in metres. */
const TURN_AFTER_M = 5

export async function run(stack: AsyncDisposableStack): Promise<Report> {
  const world = await startLocalWorld(stack, join(import.meta.dirname, 'border/fleets'))
  const walkers: Walker[] = []
  await inFlight(WALKERS, 8, async (index) => walkers.push(await Walker.enter(world.matchmakerUrl, `Walker ${index}`)))
  const crossings = (): number => walkers.reduce((sum, walker) => sum + walker.crossings, 0)
  say(`${WALKERS} walkers go to the border and cross it back and forth`)
  // Each walks towards the other map and turns around as soon as it has arrived there.
  for (const walker of walkers) walker.walk((_, map) => (map === 'forest' ? 1 : -1))
  const until = Date.now() + CROSSINGS_TIMEOUT_MS
  while (crossings() < CROSSINGS && Date.now() < until) await sleep(100)
  const crossed = crossings()
  const stops = walkers.flatMap((walker) => walker.stops).sort((a, b) => a - b)
  say('the walkers zigzag over the border')
  const turn = new Map(walkers.map((walker): [Walker, 1 | -1] => [walker, 1]))
  for (const walker of walkers) {
    walker.walk((past) => {
      if (past > TURN_AFTER_M) turn.set(walker, -1)
      else if (past < -TURN_AFTER_M) turn.set(walker, 1)
      return turn.get(walker) ?? 1
    })
  }
  // Walkers that are far past the border come back to it first.
  await sleep(5_000)
  const before = walkers.map((walker) => walker.crossings)
  await sleep(ZIGZAG_MS)
  const zigzag = walkers.map((walker, index) => walker.crossings - (before[index] ?? 0))
  const present = walkers.filter(({ world: { closed } }) => !closed).length
  const kicked = walkers.reduce((sum, walker) => sum + walker.kicked, 0)
  const entities = new Set(walkers.map((walker) => walker.world.self))
  const seats = [...world.replica.census().maps.values()].flatMap(({ copies }) => [...copies.values()].flatMap(({ seats }) => [...seats.values()]))
  const taken = seats.filter((seat) => seat.state === 'taken')
  for (const walker of walkers) await walker[Symbol.asyncDispose]()
  return {
    walkers: WALKERS,
    crossings: crossed,
    stopP50Ms: rounded(quantile(stops, 0.5)),
    stopP99Ms: rounded(quantile(stops, 0.99)),
    stopMaxMs: rounded(stops.at(-1) ?? 0),
    lost: WALKERS - present,
    kicked,
    twice: taken.length - new Set(taken.map(({ character }) => character)).size,
    differentEntities: entities.size,
    zigzagMovesMax: Math.max(...zigzag),
  }
}
