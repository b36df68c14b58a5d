import type { Instant } from '../../../model/clock.ts'
import { CLAIM_TIMEOUT_MS, type MoveMember, type MoveOrder, STANDBY_TIMEOUT_MS } from '../../../model/move.ts'
import type { Seat, SeatHolder } from '../../../model/seat.ts'
import { signTicket } from '../../../model/ticket/ticket.ts'
import type { Action } from '../../plan/action.ts'
import { decide, type Round } from '../round.ts'

/**
 * Holds the seats of one party (or person) at the destination, all or none (rule P1), signs their tickets, and puts the
 * order into the mailbox of the server where they are. What fails on the way gives the seats back.
 */
export async function orderMove(round: Round, action: Action & { type: 'move' }): Promise<void> {
  const { parts, now, copies, moving, policies } = round
  const { directory } = parts
  const [from, to] = [copies.get(action.from), copies.get(action.to)]
  const policy = policies.get(action.map)
  if (from === undefined || to?.copy.state !== 'open' || policy === undefined) return
  const seats = action.characters.flatMap((character) => from.seats.get(character) ?? [])
  const movable = seats.filter((seat) => seat.state === 'taken' && !moving.has(seat.character))
  // Half of a party is never moved: when not all can go now, the next round looks again.
  if (movable.length === 0 || movable.length < seats.length || leavesSomebody(action, [...from.seats.values()])) return
  const holders = movable.map(toHolder)
  const deadline = seatDeadline(action.deadline, now)
  const order: MoveOrder = {
    id: parts.newId(),
    cause: action.cause,
    ...(action.party === undefined ? {} : { party: action.party }),
    members: [],
    from: { map: action.map, copy: action.from, server: from.copy.server },
    to: { map: action.map, copy: action.to, server: to.copy.server, address: to.copy.address, heldUntil: deadline },
    ordered: now,
    deadline: action.deadline,
  }
  try {
    const request = { map: action.map, holders, options: [{ copy: action.to, limit: policy.capacity.hard }], now, deadline }
    if ((await directory.holdSeats(request)) === undefined) return
    order.members = await Promise.all(holders.map((holder) => sign(round, order, holder, deadline)))
    await directory.orderMove(order)
  } catch (error) {
    // Seats are held for as long as a busy player is waited for: those whose answer was lost must not stay so long. Should the order be in
    // the mailbox all the same, its tickets prove nothing any more, and the move fails harmlessly (rule M2).
    await Promise.allSettled(holders.map(({ character }) => directory.giveBackSeat(action.map, action.to, character, deadline)))
    throw error
  }
  for (const { character } of holders) moving.add(character)
  parts.observer.moveOrdered(holders.length)
  decide(round, 'move', action.map, action.why, {
    copy: action.to,
    characters: holders.map(({ character }) => character),
    inputs: { move: order.id, cause: action.cause, from: action.from, to: action.to, ...(action.party === undefined ? {} : { party: action.party }) },
  })
}

/** For what lies between the steps: the mailbox is read once a second, the release is written, messages travel. */
const MARGIN_MS = 5_000

/** The seat outlives the longest way that the order may take: it is taken at the activation, and a busy player is waited for until the deadline. */
function seatDeadline(deadline: Instant, now: Instant): Instant {
  return Math.max(deadline, now + STANDBY_TIMEOUT_MS) + CLAIM_TIMEOUT_MS + MARGIN_MS
}

function leavesSomebody(action: Action & { type: 'move' }, seats: Seat[]): boolean {
  const going = new Set(action.characters)
  return action.party !== undefined && seats.some((seat) => seat.party === action.party && !going.has(seat.character))
}

async function sign({ parts }: Round, order: MoveOrder, holder: SeatHolder, expires: Instant): Promise<MoveMember> {
  const ticket = await signTicket({ id: parts.newId(), holder, copy: order.to.copy, expires, move: order.id }, parts.ticketKey)
  return { character: holder.character, ticket }
}

function toHolder({ character, entity, name, language, party, guild, attributes }: Seat): SeatHolder {
  return {
    character,
    entity,
    name,
    language,
    ...(party === undefined ? {} : { party }),
    ...(guild === undefined ? {} : { guild }),
    ...(attributes === undefined ? {} : { attributes }),
  }
}
