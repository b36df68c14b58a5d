import type { Instant } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import { CLAIM_TIMEOUT_MS, STANDBY_TIMEOUT_MS } from '../../../model/move.ts'
import { holderIn, type Seat } from '../../../model/seat.ts'
import { signOrder } from '../../../model/ticket/signOrder.ts'
import { sealOrder } from '../../../service/keys/sealedTickets.ts'
import { currentTrace } from '../../../service/observe/trace.ts'
import type { Action } from '../../plan/action.ts'
import { type Round, recordDecision } from '../round.ts'

/**
 * Holds seats at the destination for one party or one player, all or none (rule P1), signs and seals their tickets, and puts the order into the mailbox of
 * their present server. When a step fails, the seats are given back.
 */
export async function orderMove(round: Round, action: Action & { type: 'move' }): Promise<void> {
  const { parts, now, copies, moving, policies } = round
  const { directory } = parts
  const [from, to] = [copies.get(action.from), copies.get(action.to)]
  const policy = policies.get(action.map)
  if (from === undefined || to?.copy.state !== 'open' || policy === undefined) return
  const seats = action.characters.flatMap((character) => from.seats.get(character) ?? [])
  const movable = seats.filter((seat) => seat.state === 'taken' && !moving.has(seat.character))
  // A party that fits into a copy is never split: when a member cannot move now, a later round tries again.
  if (movable.length === 0 || movable.length < seats.length || (action.apart !== true && splitsParty(movable, from.seats.values()))) return
  const holders = movable.map(holderIn)
  const deadline = seatDeadline(action.deadline, now)
  const party = defined({ party: action.party })
  const order = {
    id: parts.newId(),
    cause: action.cause,
    ...party,
    from: { map: action.map, copy: action.from, server: from.copy.server },
    to: { map: action.map, copy: action.to, server: to.copy.server, address: to.copy.address, heldUntil: deadline },
    ordered: now,
    deadline: action.deadline,
  }
  try {
    const request = { map: action.map, holders, options: [{ copy: action.to, limit: policy.capacity.hard }], now, deadline }
    if ((await directory.holdSeats(request)) === undefined) return
    const signed = await signOrder({ ...order, ...defined({ trace: currentTrace() }) }, holders, { newId: parts.newId, key: parts.ticketKey })
    await directory.orderMove(await sealOrder(signed, parts.holderKeys))
  } catch (error) {
    // Give back even seats of a call whose answer was lost: they would be held for as long as a busy player is waited for. If the order reached the
    // mailbox nevertheless, its tickets are invalid now, and the move fails without harm (rule M2).
    await Promise.allSettled(holders.map(({ character }) => directory.giveBackSeat(action.map, action.to, character, deadline)))
    throw error
  }
  for (const { character } of holders) moving.add(character)
  parts.observer.moveOrdered(holders.length)
  recordDecision(round, {
    kind: 'move',
    map: action.map,
    reason: action.why,
    copy: action.to,
    characters: holders.map(({ character }) => character),
    inputs: { move: order.id, cause: action.cause, from: action.from, to: action.to, ...party },
  })
}

/** Allowance for the time between the steps: the mailbox is read once a second, the release is written, and messages travel. */
const MARGIN_MS = 5_000

/** The seat is held until the latest activation that the order allows: a busy player is waited for until the deadline, and then has to claim. */
function seatDeadline(deadline: Instant, now: Instant): Instant {
  return Math.max(deadline, now + STANDBY_TIMEOUT_MS) + CLAIM_TIMEOUT_MS + MARGIN_MS
}

/** Whether somebody of their parties would stay behind. Reads the parties from the seats, because a party may have been made since the plan. */
function splitsParty(going: readonly Seat[], seats: Iterable<Seat>): boolean {
  const parties = new Set(going.flatMap(({ party }) => party ?? []))
  const characters = new Set(going.map(({ character }) => character))
  for (const { party, character } of seats) if (party !== undefined && parties.has(party) && !characters.has(character)) return true
  return false
}
