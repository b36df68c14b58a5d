import { StrataError } from '../../model/errors.ts'
import type { CharacterId, MapName } from '../../model/ids.ts'
import { moveHoldMs } from '../../model/move.ts'
import type { Presence } from '../../model/seat.ts'
import type { TravelResponse } from '../../model/wire/matchmaker.ts'
import type { SocialProfile } from '../../store/store.ts'
import { mapOf, type Parts } from '../parts.ts'
import { clauseOf, recordDecision } from '../placement/decisions.ts'
import { type Destination, resolveDestination } from '../placement/destination.ts'
import { admittedProfile } from '../placement/members.ts'
import { partyTooLarge } from '../placement/partySize.ts'
import { placeParty } from '../placement/placeParty.ts'
import { refuse } from '../placement/refuse.ts'
import { requestFor } from '../placement/requestFor.ts'
import { joinLine } from '../queue/joinLine.ts'
import { type EnterWish, names } from './enter.ts'
import { withHopCooldown } from './hopCooldown.ts'
import { countNewInstance } from './newInstance.ts'
import { offerToFollow } from './offerToFollow.ts'
import { orderTravel } from './orderTravel.ts'

/**
 * Moves a character that is in the world to another copy or map (flow "Move" in docs/explanation/design.md). With the leader of a party go those members in the
 * same copy whose setting `follow` is `always`; the other members there are asked (`offerToFollow`). Over a border each character moves alone; placement then
 * prefers the copy of its party.
 */
export async function travel(parts: Parts, character: CharacterId, wish: EnterWish): Promise<TravelResponse> {
  const profile = await admittedProfile(parts, character)
  const party = profile.partyMembers.length > 0 ? profile.partyMembers : [character]
  const present = await parts.directory.presence(party)
  const from = present.get(character)
  if (from === undefined) throw new StrataError('NOT_IN_WORLD')
  const { border = false, alone = false } = wish
  const beside = border || alone ? [] : party.filter((member) => member !== character && present.get(member)?.copy === from.copy)
  const companions = await parts.store.profiles(beside)
  const following = companions.filter(({ settings }) => profile.partyLeader === character && settings.follow === 'always')
  const asked = companions.filter((companion) => !following.includes(companion))
  await refuseWhileMoving(parts, from, [character, ...following.map((one) => one.character)], border ? wish.map : undefined)
  const destination = await resolveDestination(parts, profile, wish, from.copy)
  const { policy } = destination
  const rank = wish.rankIn(policy.queue.classes)
  if (destination.copy === from.copy || (destination.copy === undefined && policy.map === from.map && hasKey(parts, from, destination))) {
    throw new StrataError('BAD_REQUEST', { problem: `you are there already (${from.copy})` })
  }
  const group = [profile, ...following].map((one) => withStateVersionOf(parts, from, one))
  const request = requestFor(group, destination, wish, parts.clock.now())
  const tooLarge = partyTooLarge(policy, group.length, profile.partyMembers.length)
  if (tooLarge !== undefined) throw refuse(parts, request, policy, { error: tooLarge })
  return withHopCooldown(parts, { profile, destination, request }, async () => {
    await countNewInstance(parts, profile, policy, request)
    const { seat, ranking } = await placeParty(parts, request, policy, moveHoldMs(policy.seatHoldMs, border))
    if (seat === undefined && border) throw new StrataError('COPY_FULL')
    if (seat === undefined) return { line: await joinLine(parts, request, policy, { rank, ranking, destination, travel: true }) }
    const id = parts.newId()
    const holders = request.members.map(({ holder }) => holder)
    await orderTravel(parts, { id, cause: border ? 'border' : 'travel', holders, from, to: { map: policy.map, ...seat } })
    if (!border) await offerToFollow(parts, profile, { asked, present, map: policy.map })
    recordDecision(parts, request, policy, {
      kind: 'move',
      copy: seat.copy,
      candidates: ranking.candidates,
      reason: `${names(group)} travel ${destination.purpose}; best that fitted: ${clauseOf(ranking.candidates.find(({ copy }) => copy === seat.copy))}.`,
      inputs: { move: id, cause: border ? 'border' : 'travel', from: from.copy },
    })
    parts.metrics.placements.inc({ result: 'travel' })
    return { move: { id, map: policy.map, copy: seat.copy, members: holders.map((holder) => holder.character) } }
  })
}

/** Whether this copy has the key of the destination; on maps without keys of the game each copy has it. */
function hasKey(parts: Parts, { map, copy }: Presence, { instanceKey }: Destination): boolean {
  return mapOf(parts.world.census(), map).copies.get(copy)?.copy.instanceKey === instanceKey
}

/** The profile with the state version that the left copy will write, instead of the one saved last, which may be from another release. */
export function withStateVersionOf(parts: Parts, { map, copy }: Presence, profile: SocialProfile): SocialProfile {
  const states = mapOf(parts.world.census(), map).copies.get(copy)?.copy.states
  return states === undefined ? profile : { ...profile, stateVersion: states.writes }
}

/** Throws MOVE_IN_PROGRESS: two moves of one character would each hold a seat, and only one could succeed. */
async function refuseWhileMoving(parts: Parts, from: Presence, moving: readonly CharacterId[], over: MapName | undefined): Promise<void> {
  if (await isMoving(parts, from, moving, over)) throw new StrataError('MOVE_IN_PROGRESS')
}

/** Whether a move of one of them is under way. `over`: the map behind the border when the next move is a border move. */
export async function isMoving(parts: Parts, { server }: Presence, characters: readonly CharacterId[], over?: MapName): Promise<boolean> {
  const now = parts.clock.now()
  const orders = await parts.directory.movesFor(server)
  // A move that waits at a border yields to any other move, also over another border: the player walks there now.
  return orders.some(
    (order) =>
      order.deadline > now && (order.cause !== 'border' || order.to.map === over) && order.members.some(({ character }) => characters.includes(character)),
  )
}
