import type { CharacterId, CopyId, MapName } from '../../model/ids.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { isDoubted } from '../../model/server.ts'
import type { SeatAnswer } from '../../model/wire/matchmaker.ts'
import type { SocialProfile } from '../../store/store.ts'
import { mapOf, type Parts } from '../parts.ts'
import { recordDecision } from '../placement/decisions.ts'
import type { Destination } from '../placement/destination.ts'
import { memberOf } from '../placement/members.ts'
import { seatAnswer } from '../placement/seatAnswer.ts'

/**
 * A new ticket for the copy where the character already has a seat on this map: after a dropped connection, or because a party member held seats for
 * all. It replaces the seat and adds none. Undefined when normal placement applies.
 */
export async function returnToSeat(
  parts: Parts,
  profile: SocialProfile,
  { policy, copy, purpose }: Destination,
  protocol: number,
): Promise<SeatAnswer | undefined> {
  const own = await ownCopy(parts, profile.character, policy.map)
  if (own === undefined || (copy !== undefined && copy !== own) || partyIsElsewhere(parts, profile, policy, own)) return undefined
  const now = parts.clock.now()
  const member = memberOf(profile, policy, now)
  const { holder } = member
  const deadline = now + policy.seatHoldMs
  const options = [{ copy: own, limit: policy.capacity.hard, evenClosing: true }]
  const held = await parts.directory.holdSeats({ map: policy.map, holders: [holder], options, now, deadline })
  if (held === undefined) return undefined
  recordDecision(parts, { map: policy.map, protocol, members: [member], copy: own }, policy, {
    kind: 'place',
    copy: own,
    reason: `${profile.name} asked ${purpose} and still had a seat in this copy.`,
  })
  parts.metrics.placements.inc({ result: 'returned' })
  return seatAnswer(parts, holder, { map: policy.map, copy: own, deadline })
}

/**
 * Whether the rest of the party is in another copy of the map. Then the character is placed with the party instead (rule P1). With keys of the game, a party may be
 * in several instances.
 */
function partyIsElsewhere(parts: Parts, { party, character }: SocialProfile, { map, instance }: MapPolicy, own: CopyId): boolean {
  if (party === undefined || instance.key !== undefined) return false
  let elsewhere = false
  for (const [id, { copy, parties, seats }] of mapOf(parts.world.census(), map).copies) {
    const others = (parties.get(party) ?? 0) - (seats.get(character)?.party === party ? 1 : 0)
    if (others === 0 || (copy.state !== 'open' && copy.state !== 'closing')) continue
    if (id === own) return false
    elsewhere = true
  }
  return elsewhere
}

/**
 * The copy of the character's seat. During a move it has seats in two copies; the one where it is live counts. Undefined when its server may be lost: the client would wait for it in vain,
 * and rule D2 leaves no time for that.
 */
async function ownCopy(parts: Parts, character: CharacterId, map: MapName): Promise<CopyId | undefined> {
  const census = parts.world.census()
  const seat = census.whereabouts.get(character)
  if (seat?.map !== map) return undefined
  const live = (await parts.directory.presence([character])).get(character)
  const copy = live?.map === map ? live.copy : seat.copy
  const found = mapOf(census, map).copies.get(copy)?.copy
  if (found?.state !== 'open' && found?.state !== 'closing') return undefined
  const server = census.servers.get(found.server)
  return server !== undefined && isDoubted(server, parts.clock.now()) ? undefined : copy
}
