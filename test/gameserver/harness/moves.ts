import { randomUUID } from 'node:crypto'
import type { Copy } from '../../../model/copy.ts'
import type { MoveCause } from '../../../model/move.ts'
import type { SeatHolder } from '../../../model/seat.ts'
import type { Servers } from './servers.ts'

type Open = Copy & { state: 'open' }

export interface TestMove {
  holders: readonly SeatHolder[]
  from: Open
  to: Open
  cause?: MoveCause
  deadlineMs?: number
  /** How long the seats in `to` are held. */
  holdMs?: number
}

/** Orders a move as the orchestrator does. Returns its id. */
export async function orderMove(servers: Servers, { holders, from, to, cause = 'merge', deadlineMs = 20_000, holdMs = 20_000 }: TestMove): Promise<string> {
  const [id, now] = [randomUUID(), Date.now()]
  const heldUntil = now + holdMs
  const members = await Promise.all(
    holders.map(async (holder) => ({ character: holder.character, ticket: await servers.ticket(holder, to, { move: id, deadline: heldUntil }) })),
  )
  await servers.orderMove({
    id,
    cause,
    members,
    from: { map: from.map, copy: from.id, server: from.server },
    to: { map: to.map, copy: to.id, server: to.server, address: to.address, heldUntil },
    ordered: now,
    deadline: now + deadlineMs,
  })
  return id
}
