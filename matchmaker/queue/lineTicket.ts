import { type CryptoKey, type JWTPayload, SignJWT } from 'jose'
import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { LineEntry } from '../../model/line.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { tokenHeader, verifyWithAnyKey } from '../../model/ticket/signature.ts'

const AUDIENCE = 'strata:line'
/** Members up to which a ticket carries what a seat says of each. A ticket is sent as a header, which may have 12,000 characters: a raid's has only ids. */
const WHOLE_HOLDERS = 5

/**
 * Signs a place in line for its owner to carry. The ticket contains what restores the place, above all class and time of arrival, after the directory
 * lost its data (rules D1, Q2). It expires when the place would expire without renewal.
 */
export async function signLineTicket({ id, keepUntil, ...entry }: LineEntry, key: CryptoKey): Promise<string> {
  return new SignJWT({ entry: entry.holders.length > WHOLE_HOLDERS ? { ...entry, holders: entry.holders.map(idOnly) } : entry } as JWTPayload)
    .setProtectedHeader(await tokenHeader(key))
    .setJti(id)
    .setAudience(AUDIENCE)
    .setExpirationTime(Math.ceil(keepUntil / 1000))
    .sign(key)
}

/** Throws LINE_UNKNOWN when the ticket is forged or expired. */
export async function readLineTicket(token: string, keys: readonly CryptoKey[], now: Instant): Promise<LineEntry> {
  try {
    const payload = await verifyWithAnyKey(token, keys, { audience: AUDIENCE, currentDate: new Date(now) })
    const { jti, exp, entry } = payload as JWTPayload & { entry: Omit<LineEntry, 'id' | 'keepUntil'> } // signed by `signLineTicket`, so it has this shape
    if (jti === undefined || exp === undefined) throw new Error('line ticket without id or deadline')
    return { ...entry, id: jti, keepUntil: exp * 1000 }
  } catch (error) {
    throw new StrataError('LINE_UNKNOWN', {}, { cause: error })
  }
}

/** A holder of a ticket that has only ids. `restoredHolders` reads the other fields from the store. */
function idOnly({ character, party }: SeatHolder, index: number): Pick<SeatHolder, 'character' | 'party'> {
  return index === 0 ? defined({ character, party }) : { character }
}
