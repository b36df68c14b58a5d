import { type CryptoKey, errors, type JWTPayload, SignJWT } from 'jose'
import type { Instant } from '../clock.ts'
import { StrataError } from '../errors.ts'
import type { CopyId, MoveId } from '../ids.ts'
import type { SeatHolder } from '../seat.ts'
import { tokenHeader, verifyWithAnyKey } from './signature.ts'

/**
 * Proof of a seat (rule S5): works once (`id` is remembered by the server until `expires`), before its deadline, for its
 * character and copy only. Matchmaker and orchestrator sign with the private key; servers hold the public one.
 */
export interface Ticket {
  id: string
  holder: SeatHolder
  copy: CopyId
  expires: Instant
  /** On a ticket of a move: it admits to standby only, and the claim must follow the release of this move. */
  move?: MoveId
}

const AUDIENCE = 'strata:server'

export async function signTicket(ticket: Ticket, key: CryptoKey): Promise<string> {
  return (
    new SignJWT({ holder: ticket.holder, copy: ticket.copy, ...(ticket.move === undefined ? {} : { move: ticket.move }) } as JWTPayload)
      .setProtectedHeader(await tokenHeader(key))
      .setJti(ticket.id)
      .setSubject(ticket.holder.character)
      .setAudience(AUDIENCE)
      // To the millisecond: a hold is known by its deadline.
      .setExpirationTime(ticket.expires / 1000)
      .sign(key)
  )
}

/** Throws TICKET_EXPIRED or TICKET_INVALID. Any of `keys` may have signed it: two are accepted while keys rotate. */
export async function verifyTicket(token: string, keys: readonly CryptoKey[], now: Instant): Promise<Ticket> {
  try {
    return fromPayload(await verifyWithAnyKey(token, keys, { audience: AUDIENCE, currentDate: new Date(now) }))
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new StrataError('TICKET_EXPIRED')
    throw new StrataError('TICKET_INVALID', { problem: error instanceof Error ? error.message : 'unreadable' }, { cause: error })
  }
}

/** The signature is checked: the shape is what `signTicket` wrote. */
function fromPayload(payload: JWTPayload): Ticket {
  const { jti, exp, holder, copy, move } = payload as JWTPayload & { holder: SeatHolder; copy: CopyId; move?: MoveId }
  if (jti === undefined || exp === undefined || payload.sub !== holder.character) throw new Error('ticket without id, deadline or owner')
  return { id: jti, holder, copy, expires: Math.round(exp * 1000), ...(move === undefined ? {} : { move }) }
}
