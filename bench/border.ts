import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Walker } from './border/walker.ts'
import { inFlight, quantile, type Report, rounded } from './report.ts'
import { say, startLocalWorld } from './world/localWorld.ts'

/**
 * Walking over the border between two maps of the demo, each on a game-server process of its own, at full speed: how long a walker's
 * own body stands still in its own eyes (pictures come every 100 ms). Then all zig-zag on the line for a minute.
 */
export const summary = '50 walkers cross a border 1,000 times at full speed, then zig-zag on the line'

const WALKERS = 50
const CROSSINGS = 1_000
const PATIENCE_MS = 240_000
const ZIGZAG_MS = 60_000

export async function run(): Promise<Report> {
  await using stack = new AsyncDisposableStack()
  const world = await startLocalWorld(stack, join(import.meta.dirname, 'border/fleets'))
  const walkers: Walker[] = []
  await inFlight(WALKERS, 8, async (index) => walkers.push(await Walker.enter(world.matchmakerUrl, `Walker ${index}`)))
  const crossings = (): number => walkers.reduce((sum, walker) => sum + walker.crossings, 0)
  say(`${WALKERS} walkers go to the border and cross it to and fro`)
  // On towards the other side, and back as soon as they are there.
  for (const walker of walkers) walker.walk((_, map) => (map === 'forest' ? 1 : -1))
  const until = Date.now() + PATIENCE_MS
  while (crossings() < CROSSINGS && Date.now() < until) await sleep(100)
  const crossed = crossings()
  const stops = walkers.flatMap((walker) => walker.stops).sort((a, b) => a - b)
  say('and zig-zag on the line')
  const turn = new Map(walkers.map((walker): [Walker, 1 | -1] => [walker, 1]))
  for (const walker of walkers) {
    walker.walk((past) => {
      if (past > 5) turn.set(walker, -1)
      else if (past < -5) turn.set(walker, 1)
      return turn.get(walker) ?? 1
    })
  }
  // Some are beyond, and come back to the line first.
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
