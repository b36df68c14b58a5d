import { z } from 'zod'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import { PROTOCOL_RANGE } from '../../../model/server.ts'
import { type Ticket, verifyTicket } from '../../../model/ticket/ticket.ts'
import { joinOptions } from '../../../model/wire/messages/clientMessages.ts'
import type { ZoneServices } from '../services.ts'
import { httpRefusal } from './refusal.ts'

export interface Admission {
  ticket: Ticket
  /** Version of the protocol that the client speaks. */
  protocol: number
  /** Position of a player on standby, as the client reports it; only used to choose what to show before the move. */
  at?: { x: number; y: number; z?: number }
}

/**
 * The HTTP half of joining: verifies the ticket offline, before any state is kept for this client, and spends it (rule S5). Colyseus then keeps a
 * reservation for 15 s, so a ticket that could be presented again would make any number of them.
 */
export async function admit(services: ZoneServices, options: unknown): Promise<Admission> {
  try {
    const parsed = joinOptions.safeParse(options)
    if (!parsed.success) throw new StrataError('BAD_REQUEST', { problem: z.prettifyError(parsed.error).slice(0, 200) })
    const { protocol } = parsed.data
    if (protocol < PROTOCOL_RANGE.min || protocol > PROTOCOL_RANGE.max) throw new StrataError('PROTOCOL_UNSUPPORTED', { version: protocol })
    const now = services.clock.now()
    const ticket = await verifyTicket(parsed.data.ticket, services.ticketKeys, now)
    if (!services.rooms.has(ticket.copy)) throw new StrataError('COPY_UNKNOWN', { copy: ticket.copy })
    services.tickets.use(ticket, now)
    return { ticket, protocol, ...defined({ at: parsed.data.at }) }
  } catch (error) {
    const refusal = httpRefusal(error)
    services.metrics.refusals.inc({ code: refusal.message.split(':', 1)[0] ?? 'INTERNAL' })
    throw refusal
  }
}
