import { join } from 'node:path'
import { evacuate } from './move/evacuation.ts'
import { heldParts } from './move/heldParts.ts'
import { Mover } from './move/mover.ts'
import { inFlight, quantile, type Report, rounded } from './report.ts'
import { say, startLocalWorld } from './world/localWorld.ts'

/**
 * Moves between two game-server processes through the whole system: orchestrator, matchmaker, a PostgreSQL that writes to disk, Redis.
 * `gap` is the time from A's last snapshot to B's first, which is what a player sees. `held` is the time from the freeze in A to B's first
 * snapshot, in which no server moves the player's body. The peer is leave-and-rejoin with @colyseus/sdk by the same players, as in games
 * without moves. At the end a server with 500 players is drained.
 */
export const summary = 'players move between two processes; a server with 500 players is drained'
export const peer = 'leave-and-rejoin with @colyseus/sdk, same players'

const MOVERS = 40
/** Moves per player. */
const ROUNDS = 15
/** Moves in flight at the same time. */
const AT_ONCE = 4
/** Players on the server that is drained. */
const EVACUEES = 500
const maps = ['east', 'west'] as const

export async function run(stack: AsyncDisposableStack): Promise<Report> {
  const world = await startLocalWorld(stack, join(import.meta.dirname, 'move/fleets'))

  const movers: Mover[] = []
  await inFlight(MOVERS, 8, async (index) => movers.push(await Mover.enter(world.matchmakerUrl, `Mover ${index}`, maps[0])))
  for (const mover of movers) mover.play()
  say(`${MOVERS} players move ${ROUNDS} times each`)
  const [gaps, holds]: [number[], number[]] = [[], []]
  for (let round = 1; round <= ROUNDS; round++) {
    await inFlight(MOVERS, AT_ONCE, async (index) => {
      const moved = await movers[index]?.world.travel({ map: maps[round % 2] ?? maps[0] })
      if (moved === undefined) return
      gaps.push(moved.gapMs)
      holds.push(moved.heldMs)
    })
  }
  for (const mover of movers) mover.rest()
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  let [lostInputs, duplicates] = [0, 0]
  for (const mover of movers) {
    const account = await mover.account()
    lostInputs += account.lost
    duplicates += account.duplicates
  }
  const inputs = movers.reduce((sum, { sent }) => sum + sent, 0)
  const kicked = movers.reduce((sum, mover) => sum + mover.kicked, 0)

  const held = await heldParts(world.host.servers().map(({ probes }) => probes))

  say('the same players leave and rejoin')
  const rejoins: number[] = []
  for (let round = ROUNDS + 1; round <= ROUNDS + 5; round++) {
    await inFlight(MOVERS, AT_ONCE, async (index) => {
      const gap = await movers[index]?.rejoin(maps[round % 2] ?? maps[0])
      if (gap !== undefined) rejoins.push(gap)
    })
  }
  for (const mover of movers) await mover[Symbol.asyncDispose]()

  say(`${EVACUEES} players enter one server, which is then drained`)
  const evacuation = await evacuate(world, maps[0], EVACUEES)
  gaps.sort((a, b) => a - b)
  holds.sort((a, b) => a - b)
  rejoins.sort((a, b) => a - b)
  return {
    moves: gaps.length,
    gapP50Ms: rounded(quantile(gaps, 0.5)),
    gapP99Ms: rounded(quantile(gaps, 0.99)),
    heldP50Ms: rounded(quantile(holds, 0.5)),
    heldP99Ms: rounded(quantile(holds, 0.99)),
    heldParts: held,
    inputs,
    lostInputs,
    duplicates,
    kicked,
    leaveAndRejoin: { moves: rejoins.length, gapP50Ms: rounded(quantile(rejoins, 0.5)), gapP99Ms: rounded(quantile(rejoins, 0.99)) },
    ratioToRejoin: rounded(quantile(rejoins, 0.5) / quantile(gaps, 0.5)),
    evacuate500Seconds: rounded(evacuation.seconds),
    evacuation: { ...evacuation, seconds: rounded(evacuation.seconds) },
  }
}
