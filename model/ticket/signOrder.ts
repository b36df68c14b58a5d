import type { CryptoKey } from 'jose'
import { defined } from '../defined.ts'
import type { MoveOrder } from '../move.ts'
import type { SeatHolder } from '../seat.ts'
import { signTicket } from './ticket.ts'

/** Completes a move order with its members: one signed ticket per holder, valid until the seats at the destination lapse. */
export async function signOrder(
  draft: Omit<MoveOrder, 'members'>,
  holders: readonly SeatHolder[],
  { newId, key }: { newId: () => string; key: CryptoKey },
): Promise<MoveOrder> {
  const { id: move, to, trace } = draft
  const members = holders.map(async (holder) => ({
    character: holder.character,
    ticket: await signTicket({ id: newId(), holder, copy: to.copy, expires: to.heldUntil, move, ...defined({ trace }) }, key),
  }))
  return { ...draft, members: await Promise.all(members) }
}
