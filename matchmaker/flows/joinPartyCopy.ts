import type { CharacterId, CopyId } from '../../model/ids.ts'
import { moveHoldMs } from '../../model/move.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { Presence } from '../../model/seat.ts'
import type { SocialProfile } from '../../store/store.ts'
import type { Parts } from '../parts.ts'
import { clauseOf, recordDecision } from '../placement/decisions.ts'
import { profileOf } from '../placement/members.ts'
import { placeParty } from '../placement/placeParty.ts'
import { requestFor } from '../placement/requestFor.ts'
import { applyProfiles } from '../profiles/profileSync.ts'
import { orderTravel } from './orderTravel.ts'
import { isMoving, withStateVersionOf } from './travel.ts'

/**
 * Moves a character that has just joined a party to the copy of the party's leader on the same map, when there is room (rule P1). The seats of all members say
 * the new party first. Without room the orchestrator brings them together later. Returns the copy of the order; undefined: nothing was ordered.
 */
export async function joinPartyCopy(parts: Parts, character: CharacterId, leader: CharacterId): Promise<CopyId | undefined> {
  const profile = await profileOf(parts, character)
  const { party, partyMembers } = profile
  if (party === undefined) return undefined
  await applyProfiles(parts, partyMembers)
  const present = await parts.directory.presence(partyMembers)
  const from = present.get(character)
  const policy = from === undefined ? undefined : parts.policies().get(from.map)
  if (from === undefined || policy === undefined || policy.kind === 'instance') return undefined
  const copy = copyOfParty(from, present, leader)
  if (copy === undefined || copy === from.copy || (await isMoving(parts, from, [character]))) return undefined
  return moveBeside(parts, profile, { from, copy, policy })
}

/** The copy of the leader on this map. When the leader is elsewhere, the copy of the member who joined first. */
function copyOfParty({ map, character }: Presence, present: ReadonlyMap<CharacterId, Presence>, leader: CharacterId): CopyId | undefined {
  const others = [...present.values()].filter((one) => one.map === map && one.character !== character)
  return (others.find((one) => one.character === leader) ?? others[0])?.copy
}

async function moveBeside(
  parts: Parts,
  profile: SocialProfile,
  { from, copy, policy }: { from: Presence; copy: CopyId; policy: MapPolicy },
): Promise<CopyId | undefined> {
  const purpose = 'to be with the party'
  const census = parts.world.census()
  const server = census.maps.get(policy.map)?.copies.get(copy)?.copy.server
  const [spoken, there] = [census.servers.get(from.server)?.protocol, server === undefined ? undefined : census.servers.get(server)?.protocol]
  // A protocol that both servers understand; the client of somebody who plays in `from` speaks one of them.
  const protocol = Math.max(spoken?.min ?? 1, there?.min ?? 1)
  const request = requestFor([withStateVersionOf(parts, from, profile)], { policy, copy, asCompany: true, purpose }, { protocol }, parts.clock.now())
  const { seat, ranking } = await placeParty(parts, request, policy, moveHoldMs(policy.seatHoldMs))
  if (seat === undefined) return undefined
  const id = parts.newId()
  const holders = request.members.map(({ holder }) => holder)
  await orderTravel(parts, { id, holders, from, to: { map: policy.map, ...seat } })
  recordDecision(parts, request, policy, {
    kind: 'move',
    copy: seat.copy,
    candidates: ranking.candidates,
    reason: `${profile.name} joined a party and moves ${purpose}; best that fitted: ${clauseOf(ranking.candidates.find((one) => one.copy === seat.copy))}.`,
    inputs: { move: id, cause: 'travel', from: from.copy },
  })
  return seat.copy
}
