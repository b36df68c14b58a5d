import type { Copy } from '../../../model/copy.ts'
import type { CopyId, ServerId } from '../../../model/ids.ts'
import type { Action } from '../../plan/action.ts'
import { roomsOf } from '../observe/fleetCensus.ts'
import { callSignal, decide, type Round } from '../round.ts'
import { chooseServer } from './serverChoice.ts'

/**
 * Names a server for a new copy and writes it down as `opening`; the server sees that and makes the room. The id is
 * made from the round, not drawn: applying the same plan again finds the copy there and does nothing (rule C5).
 * Returns `false` when no server is to be had yet.
 */
export async function openCopy(round: Round, action: Action & { type: 'open' }, id: CopyId): Promise<boolean> {
  const { parts, now, policies, copies, own } = round
  const policy = policies.get(action.map)
  if (policy === undefined || copies.has(id)) return true
  const server = await serverFor(round, action)
  if (server === undefined) return false
  const copy: Copy = { id, map: action.map, state: 'opening', server, created: now, since: now, ...(action.party === undefined ? {} : { party: action.party }) }
  // Written down here first: the next opening of this round must not count on the same room.
  copies.set(id, { copy, seats: new Map(), parties: new Map(), guilds: new Map(), languages: new Map() })
  try {
    if (!(await parts.directory.addCopy(copy))) return true
  } catch (error) {
    // A server allocated for it is without copies now, and goes back with the others (rule C4).
    copies.delete(id)
    throw error
  }
  own.changed(copy, now)
  decide(round, 'open', action.map, action.why, { copy: id, inputs: { server, ...(action.party === undefined ? {} : { party: action.party }) } })
  return true
}

async function serverFor(round: Round, { map }: Action & { type: 'open' }): Promise<ServerId | undefined> {
  const { parts, now, policies, servers, copies, census, draining, avoid } = round
  const fleet = policies.get(map)?.fleet ?? ''
  const hosting = [...copies.values()].map(({ copy }) => ({ map: copy.map, server: copy.server }))
  const eligible = (server: ServerId): boolean => !draining.has(server) && now >= (avoid.get(`${map} ${server}`) ?? 0)
  const choice = chooseServer(map, fleet, servers, hosting, (server) => roomsOf(server, census.servers), eligible)
  if ('use' in choice) return choice.use
  const allocated = await parts.fleets.allocate(fleet, callSignal(round))
  if (allocated === undefined) return choice.fallback
  const known = servers.find(({ id }) => id === allocated.id)
  if (known === undefined) round.servers = [...servers, allocated]
  else known.state = 'Allocated'
  return allocated.id
}
