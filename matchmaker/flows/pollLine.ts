import type { DurationMs, Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, CopyId, MapName } from '../../model/ids.ts'
import type { LineEntry } from '../../model/line.ts'
import { moveHoldMs } from '../../model/move.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { Presence, Seat, SeatHolder } from '../../model/seat.ts'
import type { LineResponse, MoveAnswer } from '../../model/wire/matchmaker.ts'
import { mapOf, type Parts, policyOf } from '../parts.ts'
import { recordDecision } from '../placement/decisions.ts'
import { instanceKeyFor } from '../placement/instanceKey.ts'
import { admittedProfile, holderOf, memberOf, profileOf } from '../placement/members.ts'
import { placeParty } from '../placement/placeParty.ts'
import { seatAnswer } from '../placement/seatAnswer.ts'
import { mayJoin } from '../placement/visibility.ts'
import { lineAnswer } from '../queue/lineAnswer.ts'
import { requestsOf } from '../queue/lineRequests.ts'
import { readLineTicket } from '../queue/lineTicket.ts'
import { becomeLiveCharacter } from './liveCharacter.ts'
import { offerToFollow } from './offerToFollow.ts'
import { orderTravel } from './orderTravel.ts'

/** Longest time that `GET /v1/line` waits before it answers with the current position, in ms. */
export const LONG_POLL_MS: DurationMs = 10_000
/**
 * Interval at which a waiting request checks its place without an alarm, in ms. It bounds how long a place is missing after the directory lost its
 * data (rule D1).
 */
const RECHECK_MS: DurationMs = 1_500
/**
 * Each check is one Redis query. This cap, per map and second, lengthens the interval for long lines: 50,000 places at the short interval would
 * saturate Redis (bench queue).
 */
const MAX_RECHECKS_PER_SECOND = 1_000

/** Places in line up to which each poll reads the profile: at most 500 reads a second with polls of ten seconds. */
const ADMISSION_READ_BELOW = 5_000

export interface PollOptions {
  /** Longest time until the answer; 0 answers at once. */
  waitMs: DurationMs
  /** Ends the wait early, because the client hung up. */
  signal: AbortSignal
}

/** Where the seats of a promoted place are held, and until when. */
interface HeldAt {
  map: MapName
  copy: CopyId
  deadline: Instant
}

/** Waits for the seat and renews the place's grace time (rule Q2). Throws LINE_UNKNOWN when the place has expired. */
export async function pollLine(parts: Parts, character: CharacterId, ticket: string, { waitMs, signal }: PollOptions): Promise<LineResponse> {
  const entry = await readLineTicket(ticket, parts.keys.ticketPublic, parts.clock.now())
  if (!entry.holders.some((holder) => holder.character === character)) throw new StrataError('LINE_UNKNOWN')
  const policy = policyOf(parts, entry.map)
  await requireAdmission(parts, entry, character)
  await requireSameOwner(parts, entry, policy, character)
  await requireJoinable(parts, entry, character)
  const end = parts.clock.now() + waitMs
  for (;;) {
    const turn = await checkTurn(parts, entry, policy, character)
    if (turn !== undefined) return turn
    const left = end - parts.clock.now()
    if (left <= 0 || signal.aborted) return { line: await lineAnswer(parts, entry, policy) }
    const { waiting } = mapOf(parts.world.census(), entry.map)
    await parts.alarm.sleep(character, Math.min(left, Math.max(RECHECK_MS, (1_000 * waiting) / MAX_RECHECKS_PER_SECOND)), signal)
  }
}

/** Gives up the place, and its seats if it was already promoted. */
export async function leaveLine(parts: Parts, character: CharacterId, ticket: string): Promise<void> {
  const entry = await readLineTicket(ticket, parts.keys.ticketPublic, parts.clock.now())
  if (!entry.holders.some((holder) => holder.character === character)) throw new StrataError('LINE_UNKNOWN')
  await giveUpPlace(parts, entry)
}

async function giveUpPlace(parts: Parts, entry: LineEntry): Promise<void> {
  // First, so that nobody promotes the place after this point.
  await parts.directory.leaveLine(entry.map, entry.id)
  const seat = await parts.directory.promoted(entry.map, entry.id)
  // The place was already promoted: give its seats to the next in line.
  if (seat !== undefined) await giveBack(parts, entry.holders, { map: entry.map, ...seat })
}

async function giveBack({ directory }: Parts, holders: readonly SeatHolder[], { map, copy, deadline }: HeldAt): Promise<void> {
  await Promise.all(holders.map(({ character }) => directory.giveBackSeat(map, copy, character, deadline)))
}

/** A banned account loses its place, unless others wait with it. Throws ACCOUNT_BANNED. */
async function requireAdmission(parts: Parts, entry: LineEntry, character: CharacterId): Promise<void> {
  // In a longer line the route's check is enough, which is up to ten seconds old (`access/bans.ts`).
  if (mapOf(parts.world.census(), entry.map).waiting > ADMISSION_READ_BELOW) return
  try {
    await admittedProfile(parts, character)
  } catch (error) {
    if (entry.holders.length === 1 && error instanceof StrataError && error.code === 'ACCOUNT_BANNED') await giveUpPlace(parts, entry)
    throw error
  }
}

/** A place for an instance ends when the character has left or changed the party that asked for it, or its key of the game has changed. Throws LINE_UNKNOWN. */
async function requireSameOwner(parts: Parts, entry: LineEntry, policy: MapPolicy, character: CharacterId): Promise<void> {
  if (policy.kind !== 'instance') return
  const profile = await profileOf(parts, character)
  const asker = entry.holders[0]?.character
  // The key of the place is that of the member who asked for it.
  const instanceKey = asker === character ? await instanceKeyFor(parts, profile, policy) : entry.instanceKey
  if (profile.party === entry.holders[0]?.party && instanceKey === entry.instanceKey) return
  await parts.directory.leaveLine(entry.map, entry.id)
  throw new StrataError('LINE_UNKNOWN')
}

/** A place beside somebody ends when that one may not be joined any more, for example because of a block. Throws FRIEND_OFFLINE, like a new request. */
async function requireJoinable(parts: Parts, entry: LineEntry, character: CharacterId): Promise<void> {
  if (entry.beside === undefined) return
  const profiles = await parts.store.profiles([character, entry.beside])
  const [asker, friend] = [character, entry.beside].map((id) => profiles.find((profile) => profile.character === id))
  if (asker !== undefined && friend !== undefined && mayJoin(asker, friend)) return
  await giveUpPlace(parts, entry)
  throw new StrataError('FRIEND_OFFLINE')
}

/** Answers with the seat if there is one. Otherwise renews the place, or restores it at its old position when the directory has lost it. */
async function checkTurn(parts: Parts, entry: LineEntry, policy: MapPolicy, character: CharacterId): Promise<LineResponse | undefined> {
  const { directory } = parts
  const now = parts.clock.now()
  const keepUntil = now + policy.queue.graceMs
  if (await directory.renewLine(entry.map, entry.id, keepUntil, now)) return seatBesideParty(parts, entry, policy, character)
  const seat = await directory.promoted(entry.map, entry.id)
  if (seat !== undefined) return answerSeat(parts, entry, character, seat)
  const own = ownSeat(parts, entry, character)
  if (own?.seat.state === 'held') return answerSeat(parts, entry, character, { copy: own.copy, deadline: own.seat.deadline })
  if (own?.seat.state === 'taken') throw new StrataError('LINE_UNKNOWN')
  // A valid ticket proves a place less than the grace time ago, so the cap of the line does not apply.
  await directory.joinLine({ ...entry, holders: await restoredHolders(parts, entry, policy), keepUntil }, Number.MAX_SAFE_INTEGER, now)
  return undefined
}

/** The holders of a place. The ticket of a raid has only the ids of its members (`signLineTicket`). */
async function restoredHolders(parts: Parts, { holders }: LineEntry, policy: MapPolicy): Promise<SeatHolder[]> {
  if (holders.every(({ entity }) => entity !== undefined)) return holders
  const profiles = new Map((await parts.store.profiles(holders.map(({ character }) => character))).map((profile) => [profile.character, profile]))
  return holders.flatMap(({ character }) => {
    const profile = profiles.get(character)
    return profile === undefined ? [] : [holderOf(profile, policy)]
  })
}

/** The character's seat, if it satisfies this place: on the same map, and in the same copy when the place is for one copy. */
function ownSeat(parts: Parts, entry: LineEntry, character: CharacterId): { copy: CopyId; seat: Seat } | undefined {
  const census = parts.world.census()
  const at = census.whereabouts.get(character)
  if (at?.map !== entry.map) return undefined
  // A traveller between two instances of one map has a seat in the instance that it leaves.
  const { copies } = mapOf(census, at.map)
  if (entry.instanceKey !== copies.get(at.copy)?.copy.instanceKey || (entry.copy !== undefined && entry.beside === undefined && entry.copy !== at.copy))
    return undefined
  const seat = copies.get(at.copy)?.seats.get(character)
  return seat === undefined ? undefined : { copy: at.copy, seat }
}

async function answerSeat(parts: Parts, entry: LineEntry, character: CharacterId, seat: { copy: CopyId; deadline: number }): Promise<LineResponse> {
  const at = { map: entry.map, ...seat }
  const profile = await admittedProfile(parts, character).catch(async (error: unknown) => {
    // Nobody will take this seat: the next in line may have it.
    await parts.directory.giveBackSeat(at.map, at.copy, character, at.deadline)
    throw error
  })
  // Any matchmaker may have promoted the place; this one estimated the wait and learns from it.
  parts.waits.recordPromotion(entry, parts.clock.now())
  if (entry.travel === true) {
    const move = await orderMoveOf(parts, entry, character, at)
    if (move !== undefined) return { move }
  }
  await becomeLiveCharacter(parts, profile)
  return { seat: await seatAnswer(parts, holderOf(profile, policyOf(parts, entry.map)), at) }
}

/**
 * Moves a travelling character whose turn has come, with the companions of its place who are still in the same copy. Undefined when the character has
 * left the world.
 */
async function orderMoveOf(parts: Parts, entry: LineEntry, character: CharacterId, to: HeldAt): Promise<MoveAnswer | undefined> {
  const [waiting] = await requestsOf(parts, [entry], policyOf(parts, entry.map))
  const holders = (waiting?.request.members ?? []).map(({ holder }) => holder)
  const present = await parts.directory.presence(holders.map((holder) => holder.character))
  const from = present.get(character)
  if (from === undefined || from.copy === to.copy) return undefined
  const moving = holders.filter((holder) => present.get(holder.character)?.copy === from.copy)
  const left = holders.filter((holder) => !moving.includes(holder))
  // The new deadline transfers the seats from the place to the move, because a hold is identified by its deadline: giving up the place no longer
  // frees them. It is by the clock of this process, because another one may have promoted the place. The limit of 0 seats nobody new.
  const now = parts.clock.now()
  const ours = { ...to, deadline: Math.max(to.deadline, now + moveHoldMs(policyOf(parts, to.map).seatHoldMs)) + 1 }
  const options = [{ copy: to.copy, limit: 0, evenClosing: true }]
  if ((await parts.directory.holdSeats({ map: to.map, holders: moving, options, now, deadline: ours.deadline })) === undefined) {
    await giveBack(parts, moving, to)
    throw new StrataError('LINE_UNKNOWN')
  }
  // The move's id comes from the place: when several members of a party poll, only one move is ordered.
  const id = `line-${entry.id}-${entry.arrived}`
  await orderTravel(parts, { id, holders: moving, from, to: ours })
  await offerToOthers(parts, character, { from, moving, map: to.map })
  await giveBack(parts, left, to)
  return { id, map: to.map, copy: to.copy, members: moving.map((holder) => holder.character) }
}

/** Offers to follow, to party members in the same copy who were not in line for this travel. */
async function offerToOthers(
  parts: Parts,
  character: CharacterId,
  { from, moving, map }: { from: Presence; moving: readonly SeatHolder[]; map: MapName },
): Promise<void> {
  const profile = await profileOf(parts, character)
  const going = new Set(moving.map((holder) => holder.character))
  const others = profile.partyMembers.filter((member) => !going.has(member))
  if (others.length === 0) return
  const present = await parts.directory.presence(others)
  const asked = await parts.store.profiles(others.filter((member) => present.get(member)?.copy === from.copy))
  await offerToFollow(parts, profile, { asked, present, map })
}

/** The rest of the party is on the map by now. Seats above the soft cap are open to this member, who need not wait behind strangers (rule P1). */
async function seatBesideParty(parts: Parts, entry: LineEntry, policy: MapPolicy, character: CharacterId): Promise<LineResponse | undefined> {
  const party = entry.holders[0]?.party
  if (party === undefined || entry.holders.length > 1 || entry.travel === true) return undefined
  const map = mapOf(parts.world.census(), entry.map)
  if (![...map.copies.values()].some(({ parties }) => parties.has(party))) return undefined
  const profile = await admittedProfile(parts, character)
  if (profile.party !== party) return undefined
  const { map: name, instanceKey, protocol = 1 } = entry
  const request = defined({ map: name, members: [memberOf(profile, policy, parts.clock.now())], party, instanceKey, protocol })
  const { seat, ranking } = await placeParty(parts, request, policy)
  if (seat === undefined) return undefined
  await becomeLiveCharacter(parts, profile).catch(async (error: unknown) => {
    await parts.directory.giveBackSeat(entry.map, seat.copy, character, seat.deadline)
    throw error
  })
  await parts.directory.leaveLine(entry.map, entry.id)
  recordDecision(parts, request, policy, {
    kind: 'place',
    copy: seat.copy,
    candidates: ranking.candidates,
    reason: `${profile.name} waited in line and was let in to the party.`,
    inputs: { line: entry.id },
  })
  return { seat: await seatAnswer(parts, holderOf(profile, policy), { map: entry.map, ...seat }) }
}
