import { type CryptoKey, type JWTPayload, SignJWT } from 'jose'
import type { Instant } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { LineEntry } from '../../model/line.ts'
import { tokenHeader, verifyWithAnyKey } from '../../model/ticket/signature.ts'

const AUDIENCE = 'strata:line'

/**
 * The place in line as its owner carries it: everything that puts the entry back where it stood, class and time of arrival
 * above all, when the directory was emptied (rules D1, Q2). Valid as long as the place is kept without being renewed.
 */
export async function signLineTicket({ id, keepUntil, ...entry }: LineEntry, key: CryptoKey): Promise<string> {
  return new SignJWT({ entry } as JWTPayload)
    .setProtectedHeader(await tokenHeader(key))
    .setJti(id)
    .setAudience(AUDIENCE)
    .setExpirationTime(Math.ceil(keepUntil / 1000))
    .sign(key)
}

/** Throws LINE_UNKNOWN, for a forged ticket too: there is no such place. */
export async function readLineTicket(token: string, keys: readonly CryptoKey[], now: Instant): Promise<LineEntry> {
  try {
    const payload = await verifyWithAnyKey(token, keys, { audience: AUDIENCE, currentDate: new Date(now) })
    const { jti, exp, entry } = payload as JWTPayload & { entry: Omit<LineEntry, 'id' | 'keepUntil'> } // signed by us: the shape above
    if (jti === undefined || exp === undefined) throw new Error('line ticket without id or deadline')
    return { ...entry, id: jti, keepUntil: exp * 1000 }
  } catch (error) {
    throw new StrataError('LINE_UNKNOWN', {}, { cause: error })
  }
}
