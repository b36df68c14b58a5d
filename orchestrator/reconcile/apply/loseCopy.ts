import { lostCopy } from '../../../model/copy.ts'
import type { Action } from '../../plan/action.ts'
import { type Round, recordDecision } from '../round.ts'

/**
 * Removes a copy whose server is gone: its orders are settled as failed, and the presence of its players is cleared so that they can enter again (rule
 * D2). Each step can be repeated, and the copy is removed last, so that a new leader finishes what this one began.
 */
export async function loseCopy(round: Round, action: Action & { type: 'lose' }): Promise<void> {
  const { parts, now, own, copies } = round
  const { directory } = parts
  const census = copies.get(action.copy)
  if (census === undefined) return
  const { copy } = census
  if (copy.state !== 'lost') {
    await directory.changeCopy(lostCopy(copy, now), copy.state)
    const characters = [...census.seats.keys()]
    recordDecision(round, { kind: 'lost', map: copy.map, reason: action.why, copy: copy.id, characters, inputs: { server: copy.server } })
  }
  for (const order of await directory.movesFor(copy.server)) {
    if (order.from.copy !== copy.id) continue
    await directory.settleMove(copy.server, { id: order.id, cause: order.cause, state: 'failed', members: order.members.length, reason: 'the server was lost' })
    const { map, copy: destination, heldUntil } = order.to
    for (const { character } of order.members) await directory.giveBackSeat(map, destination, character, heldUntil)
  }
  for (const presence of (await directory.presence([...census.seats.keys()])).values()) {
    if (presence.copy === copy.id) await directory.clearPresence(presence.character, presence.epoch)
  }
  await directory.removeCopy(copy.map, copy.id)
  own.removed(copy.map, copy.id, now)
  copies.delete(copy.id)
}
