import { setTimeout as sleep } from 'node:timers/promises'
import { BotPool } from '../gameserver/demo/bots/botPool.ts'
import { languageAt, type Schedule, type Visit } from '../gameserver/demo/bots/schedule.ts'
import { type Random, seededRandom } from '../model/random.ts'
import { follow, Growth, numberAfter } from './endurance/growth.ts'
import { HeapSnapshots } from './endurance/heapSnapshots.ts'
import type { Report } from './report.ts'
import { say, startLocalWorld } from './world/localWorld.ts'

/** Memory of each process while players come and go all the time. */
export const summary = 'memory of each process while 2,000 players come and go; --minutes M (60), --players N, --online N'

/** Shortest and longest visit, in ms. */
const VISIT_MS = [30_000, 120_000] as const
const SAMPLE_MS = 15_000
/** Shares of the run after which heap snapshots are taken: after the warm-up, and shortly before the players leave. */
const SNAPSHOTS_AFTER = [1 / 3, 0.95]

export async function run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const minutes = numberAfter(args, '--minutes', 60)
  const players = numberAfter(args, '--players', 2_000)
  const online = numberAfter(args, '--online', 120)
  const heaps = stack.use(await HeapSnapshots.prepare())
  const world = await startLocalWorld(stack, 'fleets')
  const growth = stack.use(await Growth.of(world))
  const maps = [...world.policies.policies().values()].filter(({ kind }) => kind === 'zone').map(({ map }) => map)
  const random = seededRandom(1)
  const schedules = Array.from({ length: players }, (_, index) => comingAndGoing(index, { maps, random, lengthMs: minutes * 60_000, share: online / players }))
  say(`${players} players, ${online} online at a time, for ${minutes} minutes; memory in MB`)
  const pool = stack.use(await BotPool.fork(schedules))
  await pool.start({ matchmakers: world.matchmakerUrls, seed: 1, partners: [], acquainted: false })
  const timer = setTimeout(() => pool.stop(), minutes * 60_000)
  stack.defer(() => clearTimeout(timer))
  const began = Date.now()
  for (const share of SNAPSHOTS_AFTER) {
    await follow(growth, SAMPLE_MS, sleep(Math.max(0, began + share * minutes * 60_000 - Date.now())))
    await heaps.take(world)
  }
  await follow(growth, SAMPLE_MS, pool.ended)
  const { players: came, placements, kicked, moved, errors } = (await pool.ended).report() as Record<string, number>
  return {
    minutes,
    players,
    online,
    came: came ?? 0,
    placements: placements ?? 0,
    kicked: kicked ?? 0,
    moved: moved ?? 0,
    errors: errors ?? 0,
    ...growth.report(),
    ...heaps.report(),
  }
}

interface Life {
  maps: readonly string[]
  random: Random
  lengthMs: number
  /** Share of the time in which the player is online. */
  share: number
}

/** Visits of one player over the whole run, with pauses that leave it online for `share` of the time. */
function comingAndGoing(index: number, { maps, random, lengthMs, share }: Life): Schedule {
  const [shortest, longest] = VISIT_MS
  const pauseMs = (((shortest + longest) / 2) * (1 - share)) / share
  const visits: Visit[] = []
  for (let at = random() * pauseMs; at < lengthMs; ) {
    const until = at + shortest + random() * (longest - shortest)
    visits.push({ from: at, until, stops: [{ at, map: maps[Math.floor(random() * maps.length)] ?? '' }] })
    at = until + 2 * random() * pauseMs
  }
  return { person: { name: `Churn ${index + 1}`, language: languageAt(random()), friends: [] }, visits }
}
