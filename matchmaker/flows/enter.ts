import { StrataError } from '../../model/errors.ts'
import type { CharacterId, CopyId, MapName, Region } from '../../model/ids.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import type { EnterResponse } from '../../model/wire/matchmaker.ts'
import { mapOf, type Parts } from '../parts.ts'
import { clauseOf, recordDecision } from '../placement/decisions.ts'
import { resolveDestination, type Wish } from '../placement/destination.ts'
import { absentParty, admittedProfile, holderOf } from '../placement/members.ts'
import { partyTooLarge } from '../placement/partySize.ts'
import { placeParty } from '../placement/placeParty.ts'
import { refuse } from '../placement/refuse.ts'
import { requestFor } from '../placement/requestFor.ts'
import { seatAnswer } from '../placement/seatAnswer.ts'
import { joinLine } from '../queue/joinLine.ts'
import { withHopCooldown } from './hopCooldown.ts'
import { becomeLiveCharacter } from './liveCharacter.ts'
import { countNewInstance } from './newInstance.ts'
import { returnToSeat } from './returnToSeat.ts'

export interface EnterWish extends Wish {
  protocol: number
  wholeParty: boolean
  /** The character walks over the edge of a map. */
  border?: boolean
  /** Travel only: the party stays where it is. */
  alone?: boolean
  /** Round trips measured by the client, and the region it asks for. */
  latencyMs?: Readonly<Record<Region, number>> | undefined
  region?: Region | undefined
  /** Rank in line that this session gets, given the classes of the map's policy. */
  rankIn(classes: readonly string[]): number
}

/** Turns a request into a held seat with its ticket, or into a place in line (flow "Enter" in docs/explanation/design.md). */
export async function enter(parts: Parts, character: CharacterId, wish: EnterWish): Promise<EnterResponse> {
  const profile = await admittedProfile(parts, character)
  const destination = await resolveDestination(parts, profile, wish)
  const { policy } = destination
  const rank = wish.rankIn(policy.queue.classes)
  const returned = await returnToSeat(parts, profile, destination, wish.protocol)
  const becomeLive = (asked: PlacementRequest): Promise<void> =>
    becomeLiveCharacter(parts, profile).catch((error: unknown) => {
      throw error instanceof StrataError ? refuse(parts, asked, policy, { error }) : error
    })
  if (returned !== undefined) {
    await becomeLive(requestFor([profile], destination, wish, parts.clock.now()))
    return { seat: returned }
  }

  const group = wish.wholeParty ? await absentParty(parts, profile) : [profile]
  const request = requestFor(group, destination, wish, parts.clock.now())
  const tooLarge = partyTooLarge(policy, group.length, profile.partyMembers.length)
  if (tooLarge !== undefined) throw refuse(parts, request, policy, { error: tooLarge })
  return withHopCooldown(parts, { profile, destination, request }, async () => {
    await countNewInstance(parts, profile, policy, request)
    const earlier = parts.world.census().whereabouts.get(character)
    const { seat, ranking } = await placeParty(parts, request, policy)
    if (seat === undefined) return { line: await joinLine(parts, request, policy, { rank, ranking, destination }) }
    await becomeLive(request).catch(async (error: unknown) => {
      await Promise.all(group.map((member) => parts.directory.giveBackSeat(policy.map, seat.copy, member.character, seat.deadline)))
      throw error
    })

    recordDecision(parts, request, policy, {
      kind: 'place',
      copy: seat.copy,
      candidates: ranking.candidates,
      reason: `${names(group)} asked ${destination.purpose}; best that fitted: ${clauseOf(ranking.candidates.find(({ copy }) => copy === seat.copy))}.`,
    })
    parts.metrics.placements.inc({ result: 'seated' })
    if (earlier !== undefined && earlier.copy !== seat.copy) await freeUntaken(parts, character, earlier)
    return { seat: await seatAnswer(parts, holderOf(profile, policy), { map: policy.map, ...seat }) }
  })
}

/** Gives back a seat that was held elsewhere and will not be taken now, so that others can use it at once. */
async function freeUntaken(parts: Parts, character: CharacterId, { map, copy }: { map: MapName; copy: CopyId }): Promise<void> {
  const seat = mapOf(parts.world.census(), map).copies.get(copy)?.seats.get(character)
  if (seat?.state === 'held') await parts.directory.giveBackSeat(map, copy, character, seat.deadline)
}

export function names(group: readonly { name: string }[]): string {
  return group.map(({ name }) => name).join(', ')
}
