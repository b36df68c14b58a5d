import type { MoveOrder } from '../../model/move.ts'
import { refuseMove } from '../zone/moves/sourceMove.ts'
import type { ZoneServices } from '../zone/services.ts'

/** Reads this server's orders to move parties and hands each to the room where they are. Reading one twice does nothing. */
export async function readMailbox(services: ZoneServices): Promise<void> {
  const { directory, server, rooms } = services
  const orders = await directory.movesFor(server)
  // All at once: one that is settled while others are refused would be begun again.
  const homeless = orders.filter(({ from }) => !rooms.has(from.copy))
  for (const order of orders) rooms.get(order.from.copy)?.takeOrder(order)
  for (const order of homeless) await refuse(services, order)
}

/** The copy has gone from here since: nobody is moved, and the seats held for them are free. */
async function refuse({ directory, server, log }: ZoneServices, order: MoveOrder): Promise<void> {
  for (const effect of refuseMove(order, 'the copy is not here any more').effects) {
    if (effect.type === 'giveBackSeat') await directory.giveBackSeat(order.to.map, order.to.copy, effect.character, order.to.heldUntil)
    if (effect.type === 'settle') await directory.settleMove(server, effect.outcome)
  }
  log.info({ move: order.id, copy: order.from.copy }, 'order refused: the copy is not here')
}
