import type { Copy } from '../../../model/copy.ts'
import { defined } from '../../../model/defined.ts'
import type { CopyId, FleetName, MapName, ServerId } from '../../../model/ids.ts'
import { admits } from '../../../model/load.ts'
import { fleetsOf, type MapPolicy } from '../../../model/policy/policy.ts'
import type { Action } from '../../plan/action.ts'
import { roomsOf } from '../observe/fleetCensus.ts'
import { callSignal, type Round, recordDecision } from '../round.ts'
import { chooseServer, Hosting } from './serverChoice.ts'

/**
 * Chooses a server for a new copy and writes the copy as `opening`; the server then creates the room. The id is derived from the round and not random, so
 * that applying the same plan again finds the copy and does nothing (rule C5). Returns `false` when no server is available yet.
 */
export async function openCopy(round: Round, action: Action & { type: 'open' }, id: CopyId): Promise<boolean> {
  const { parts, now, policies, copies, own } = round
  const policy = policies.get(action.map)
  if (policy === undefined || copies.has(id)) return true
  const server = await serverFor(round, policy, action.fleets)
  if (server === undefined) return false
  const owner = defined({ party: action.party, instanceKey: action.instanceKey })
  const copy: Copy = { id, map: action.map, state: 'opening', server, created: now, since: now, ...owner, ...defined({ fairness: policy.fairness }) }
  // Before the call, so that the next opening of this round does not count the same room as free.
  copies.set(id, { copy, seats: new Map(), parties: new Map(), guilds: new Map(), languages: new Map() })
  try {
    if (!(await parts.directory.addCopy(copy))) return true
  } catch (error) {
    // If a server was allocated for it, `IdleServers` gives it back (rule C4).
    copies.delete(id)
    throw error
  }
  own.changed(copy, now)
  const fleet = policy.fallbackFleets.length === 0 ? undefined : round.servers.find((one) => one.id === server)?.fleet
  recordDecision(round, { kind: 'open', map: action.map, reason: action.why, copy: id, inputs: { server, ...defined({ fleet }), ...owner } })
  return true
}

/** A server of the first fleet, in the order of priority, that has a free room or a Ready server. */
async function serverFor(round: Round, policy: MapPolicy, fleets: readonly FleetName[] = fleetsOf(policy)): Promise<ServerId | undefined> {
  for (const fleet of fleets) {
    const server = await serverOf(round, policy.map, fleet)
    if (server !== undefined) return server
  }
  return undefined
}

async function serverOf(round: Round, map: MapName, fleet: FleetName): Promise<ServerId | undefined> {
  const { parts, now, servers, silent, copies, census, draining, avoid } = round
  const hosting = new Hosting([...copies.values()].map(({ copy }) => copy))
  const eligible = (server: ServerId): boolean =>
    !draining.has(server) && !silent.has(server) && admits(census.servers.get(server) ?? {}) && now >= (avoid.get(`${map} ${server}`) ?? 0)
  const choice = chooseServer({ map, fleet, servers, hosting, rooms: (server) => roomsOf(server, census.servers), eligible })
  if ('use' in choice) return choice.use
  for (;;) {
    const allocated = await parts.fleets.allocate(fleet, callSignal(round))
    if (allocated === undefined) return choice.fallback
    const known = servers.find(({ id }) => id === allocated.id)
    if (known === undefined) round.servers = [...round.servers, allocated]
    else known.state = 'Allocated'
    // The fleet does not know yet that this server is lost. Allocated, it is not handed out again.
    if (!silent.has(allocated.id)) return allocated.id
  }
}
