import type { FleetName } from '../../../model/ids.ts'
import type { Action } from '../../plan/action.ts'
import { callSignal, decide, type Round } from '../round.ts'

/** A decision on a fleet stands under this name, where others have the map. */
export const fleetTopic = (fleet: FleetName): string => `fleet:${fleet}`

/**
 * Never below what is allocated by now: the plan was made before this round's openings, and a fleet that is told to
 * shrink below its allocated servers marks some of them to go.
 */
export async function scaleFleet(round: Round, { fleet, servers, why }: Action & { type: 'scale' }, last: Map<FleetName, number>): Promise<void> {
  const here = round.servers.filter((server) => server.fleet === fleet)
  const target = Math.max(servers, here.filter(({ state, overflow }) => state === 'Allocated' && !overflow).length)
  await round.parts.fleets.scale(fleet, target, callSignal(round))
  if (last.get(fleet) === target) return
  last.set(fleet, target)
  decide(round, 'scale', fleetTopic(fleet), why, { inputs: { fleet, servers: target, now: here.length } })
}
