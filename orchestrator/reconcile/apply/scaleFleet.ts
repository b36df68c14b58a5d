import type { FleetName } from '../../../model/ids.ts'
import type { Action } from '../../plan/action.ts'
import { callSignal, type Round, recordDecision } from '../round.ts'

/**
 * Scales a fleet, never below its allocated servers: the plan was made before the openings of this round, and a fleet that shrinks below its allocated
 * servers marks some of them to end.
 */
export async function scaleFleet(round: Round, { fleet, servers, why }: Action & { type: 'scale' }, last: Map<FleetName, number>): Promise<void> {
  const here = round.servers.filter((server) => server.fleet === fleet)
  const target = Math.max(servers, here.filter(({ state, overflow }) => state === 'Allocated' && !overflow).length)
  await round.parts.fleets.scale(fleet, target, callSignal(round))
  if (last.get(fleet) === target) return
  last.set(fleet, target)
  // Decisions about a fleet are stored under this name instead of a map's name.
  recordDecision(round, { kind: 'scale', map: `fleet:${fleet}`, reason: why, inputs: { fleet, servers: target, now: here.length } })
}
