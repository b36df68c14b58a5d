import { type CryptoKey, errors, type JWTPayload, SignJWT } from 'jose'
import type { Instant } from '../clock.ts'
import { defined } from '../defined.ts'
import { StrataError } from '../errors.ts'
import type { CopyId, MoveId } from '../ids.ts'
import type { SeatHolder } from '../seat.ts'
import { tokenHeader, verifyWithAnyKey } from './signature.ts'

/**
 * Proof of a seat (rule S5). It is valid once (the server remembers `id` until `expires`), before its deadline, and only for its character and copy.
 * Matchmaker and orchestrator sign with the private key; servers have only the public key.
 */
export interface Ticket {
  id: string
  holder: SeatHolder
  copy: CopyId
  expires: Instant
  /** Set on the ticket of a move: it admits the client to standby only, and the server may claim the character only after the release of this move. */
  move?: MoveId
  /** Set on the ticket of a login: the database lets the server that it names claim the character (`service/keys/permit.ts`). */
  permit?: string
  /** The trace that the seat was held in (W3C Trace Context). The server goes on with it. */
  trace?: string
}

const AUDIENCE = 'strata:server'

export async function signTicket(ticket: Ticket, key: CryptoKey): Promise<string> {
  return (
    new SignJWT(defined({ holder: ticket.holder, copy: ticket.copy, move: ticket.move, permit: ticket.permit, trace: ticket.trace }) as JWTPayload)
      .setProtectedHeader(await tokenHeader(key))
      .setJti(ticket.id)
      .setSubject(ticket.holder.character)
      .setAudience(AUDIENCE)
      // Seconds with a fraction: a held seat is identified by its deadline in ms.
      .setExpirationTime(ticket.expires / 1000)
      .sign(key)
  )
}

/** Throws TICKET_EXPIRED or TICKET_INVALID. Accepts a ticket that any of `keys` signed: there are several during a key rotation. */
export async function verifyTicket(token: string, keys: readonly CryptoKey[], now: Instant): Promise<Ticket> {
  try {
    return fromPayload(await verifyWithAnyKey(token, keys, { audience: AUDIENCE, currentDate: new Date(now) }))
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new StrataError('TICKET_EXPIRED')
    throw new StrataError('TICKET_INVALID', { problem: error instanceof Error ? error.message : 'unreadable' }, { cause: error })
  }
}

/** The signature is valid, so the payload has the shape that `signTicket` wrote. */
function fromPayload(payload: JWTPayload): Ticket {
  const { jti, exp, holder, copy, move, permit, trace } = payload as JWTPayload & Pick<Ticket, 'holder' | 'copy' | 'move' | 'permit' | 'trace'>
  if (jti === undefined || exp === undefined || payload.sub !== holder.character) throw new Error('the ticket has no id, no deadline or no owner')
  return defined({ id: jti, holder, copy, expires: Math.round(exp * 1000), move, permit, trace })
}
