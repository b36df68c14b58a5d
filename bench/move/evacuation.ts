import { z } from 'zod'
import type { LocalWorld } from '../../local/world.ts'
import { statusResponse } from '../../model/wire/admin.ts'
import { inFlight } from '../report.ts'
import { Mover } from './mover.ts'

/** Pause between two checks for remaining players, in ms. */
const POLL_MS = 50
/** Longest time for the whole drain, in ms. */
const DRAIN_TIMEOUT_MS = 60_000
/** Longest time for one call to the orchestrator, in ms. */
const CALL_TIMEOUT_MS = 5_000

export interface Evacuation {
  /** From the operator's drain request until the last player is live on another server. */
  seconds: number
  moved: number
  kicked: number
  lost: number
  duplicates: number
}

/** Fills one server of `map` with players and drains it through the admin API. */
export async function evacuate({ matchmakerUrl, orchestratorUrl, operatorToken }: LocalWorld, map: string, players: number): Promise<Evacuation> {
  const movers: Mover[] = []
  await inFlight(players, 16, async (index) => movers.push(await Mover.enter(matchmakerUrl, `Evacuee ${index}`, map)))
  const status = statusResponse.parse(await (await fetch(`${orchestratorUrl}/v1/status`, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS) })).json())
  const server = status.copies.find((copy) => copy.map === map)?.server
  const [from] = movers.map(({ world }) => world.copy)
  for (const mover of movers) mover.play()
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const began = performance.now()
  const answer = await fetch(`${orchestratorUrl}/v1/drain`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${operatorToken}` },
    body: JSON.stringify({ server }),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  })
  z.object({ draining: z.literal(true) }).parse(await answer.json())
  const remaining = (): number => movers.filter(({ world }) => world.copy === from).length
  while (remaining() > 0 && performance.now() - began < DRAIN_TIMEOUT_MS) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  const seconds = (performance.now() - began) / 1000
  const moved = players - remaining()
  for (const mover of movers) mover.rest()
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  let [lost, duplicates] = [0, 0]
  await inFlight(players, 16, async (index) => {
    const account = await movers[index]?.account()
    lost += account?.lost ?? 0
    duplicates += account?.duplicates ?? 0
  })
  const kicked = movers.reduce((sum, mover) => sum + mover.kicked, 0)
  await inFlight(players, 16, async (index) => movers[index]?.[Symbol.asyncDispose]())
  return { seconds, moved, kicked, lost, duplicates }
}
