import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CopyId, MapName, MoveId } from '../../model/ids.ts'
import { BORDER_DEADLINE_MS, CLAIM_TIMEOUT_MS, TRAVEL_DEADLINE_MS } from '../../model/move.ts'
import type { Presence, SeatHolder } from '../../model/seat.ts'
import { signOrder } from '../../model/ticket/signOrder.ts'
import { sealOrder } from '../../service/keys/sealedTickets.ts'
import { currentTrace, traced } from '../../service/observe/trace.ts'
import { type Parts, reachableCopy } from '../parts.ts'

export interface TravelOrder {
  id: MoveId
  cause?: 'travel' | 'border'
  holders: readonly SeatHolder[]
  from: Presence
  /** `deadline`: until when the seats in this copy are held. */
  to: { map: MapName; copy: CopyId; deadline: number }
}

/** Signs a ticket for each traveller, seals it for the server that holds the traveller, and puts the move order into the mailbox of that server. Gives the seats back when a step fails. */
export function orderTravel(parts: Parts, order: TravelOrder): Promise<void> {
  return traced('order move', { attributes: { 'strata.move': order.id, 'strata.to': order.to.copy } }, () => sendOrder(parts, order))
}

async function sendOrder(parts: Parts, { id, cause = 'travel', holders, from, to }: TravelOrder): Promise<void> {
  try {
    const copy = await reachableCopy(parts, to.map, to.copy)
    if (copy === undefined) throw new StrataError('COPY_UNKNOWN', { copy: to.copy })
    const now = parts.clock.now()
    const party = holders.length > 1 ? holders[0]?.party : undefined
    const order = defined({
      id,
      cause,
      party,
      from: { map: from.map, copy: from.copy, server: from.server },
      to: { map: to.map, copy: copy.id, server: copy.server, address: copy.address, heldUntil: to.deadline },
      ordered: now,
      trace: currentTrace(),
      // Seats of a promoted place may expire sooner; then the travel ends sooner.
      deadline: Math.min(now + (cause === 'border' ? BORDER_DEADLINE_MS : TRAVEL_DEADLINE_MS), to.deadline - CLAIM_TIMEOUT_MS),
    })
    const signed = await signOrder(order, holders, { newId: parts.newId, key: parts.keys.ticket })
    await parts.directory.orderMove(await sealOrder(signed, (characters) => parts.store.holderKeys(characters)))
    parts.metrics.moves.inc()
  } catch (error) {
    await Promise.allSettled(holders.map(({ character }) => parts.directory.giveBackSeat(to.map, to.copy, character, to.deadline)))
    throw error
  }
}
