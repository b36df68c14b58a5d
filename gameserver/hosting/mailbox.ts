import type { MoveOrder } from '../../model/move.ts'
import { refuseMove } from '../zone/moves/sourceMove.ts'
import type { ZoneServices } from '../zone/services.ts'

/** Reads the move orders for this server and hands each one to the room of its party. An order that a room already has is ignored. */
export async function readMailbox(services: ZoneServices): Promise<void> {
  const { directory, server, rooms } = services
  const orders = await directory.movesFor(server)
  // Hand out all orders before the first await: an order that settles during a refusal would be started a second time from this stale list.
  const withoutRoom = orders.filter(({ from }) => !rooms.has(from.copy))
  for (const order of orders) rooms.get(order.from.copy)?.takeOrder(order)
  for (const order of withoutRoom) await refuse(services, order)
}

/** Refuses an order whose source copy has closed: nobody is moved, and the seats that were held for the party are given back. */
async function refuse({ directory, server, log }: ZoneServices, order: MoveOrder): Promise<void> {
  for (const effect of refuseMove(order, 'the copy is not here any more').effects) {
    if (effect.type === 'giveBackSeat') await directory.giveBackSeat(order.to.map, order.to.copy, effect.character, order.to.heldUntil)
    if (effect.type === 'settle') await directory.settleMove(server, effect.outcome)
  }
  log.info({ move: order.id, copy: order.from.copy }, 'move order refused: this server does not host the source copy')
}
