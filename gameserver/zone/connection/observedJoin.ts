import type { Ticket } from '../../../model/ticket/ticket.ts'
import { traced } from '../../../service/observe/trace.ts'
import type { ZoneServices } from '../services.ts'

/** Times a join, and goes on with the trace of its ticket. */
export async function observedJoin({ metrics, server }: Pick<ZoneServices, 'metrics' | 'server'>, ticket: Ticket, join: () => Promise<void>): Promise<void> {
  const stop = metrics.join.startTimer({ kind: ticket.move === undefined ? 'login' : 'move' })
  await traced('join room', { parent: ticket.trace, attributes: { 'strata.copy': ticket.copy, 'strata.server': server } }, join)
  stop()
}
