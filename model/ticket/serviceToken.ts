import { type CryptoKey, SignJWT } from 'jose'
import type { Instant } from '../clock.ts'
import { tokenHeader, verifyWithAnyKey } from './signature.ts'

/** What a service token may permit. Each route that a service calls needs one of them. */
export const scopes = ['players:read', 'players:write', 'social:write', 'moderation', 'privacy', 'view', 'policies', 'operator'] as const
export type Scope = (typeof scopes)[number]

/** Audience of service tokens. A session token or a ticket has another one, so that no kind of token passes for another kind. */
const AUDIENCE = 'strata:service'
/** Longest name of a caller, in characters. Every line of the audit log contains it. */
export const MAX_CALLER_LENGTH = 64

/** The studio's program or person that a service token speaks for. */
export interface ServiceCaller {
  name: string
  scopes: ReadonlySet<Scope>
}

export interface ServiceTokenContent {
  /** Name of the caller in the audit log. */
  name: string
  scopes: readonly Scope[]
  expires: Instant
}

export async function signServiceToken({ name, scopes: granted, expires }: ServiceTokenContent, key: CryptoKey, now: Instant): Promise<string> {
  return new SignJWT({ scope: granted.join(' ') })
    .setProtectedHeader(await tokenHeader(key))
    .setSubject(name)
    .setAudience(AUDIENCE)
    .setIssuedAt(Math.floor(now / 1000))
    .setExpirationTime(Math.floor(expires / 1000))
    .sign(key)
}

/** Throws the reason when no accepted key signed the token, when it has expired, never expires, has another audience, or names nobody. */
export async function verifyServiceToken(token: string, keys: readonly CryptoKey[], now: Instant): Promise<ServiceCaller> {
  const { sub: name, scope } = await verifyWithAnyKey(token, keys, { audience: AUDIENCE, currentDate: new Date(now), requiredClaims: ['exp', 'sub'] })
  if (name === undefined || name === '' || name.length > MAX_CALLER_LENGTH) throw new Error('the token names no caller (sub)')
  if (typeof scope !== 'string') throw new Error('the token has no scopes (scope)')
  return { name, scopes: new Set(scope.split(' ').filter(isScope)) }
}

export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text)
}
