import { hkdfSync, randomBytes } from 'node:crypto'
import { type CryptoKey, EncryptJWT, exportJWK, jwtDecrypt } from 'jose'
import { z } from 'zod'
import { roles } from '../../model/access/roles.ts'
import type { Clock, DurationMs } from '../../model/clock.ts'

/** A person works a shift and signs in again the next day. In ms. */
export const SESSION_MS: DurationMs = 12 * 3_600_000
/** Time for a sign-in at the identity provider, in ms. */
export const LOGIN_MS: DurationMs = 600_000
const AUDIENCE = 'strata:console'
/** Random bytes of the token that a page has to send with each change. */
const CSRF_BYTES = 16

const session = z.object({
  name: z.string(),
  roles: z.array(z.enum(roles)),
  /** Where the person signed in. A `local` session is checked against its account with each request. */
  from: z.enum(['local', 'openid']),
  csrf: z.string(),
})
export type Session = z.infer<typeof session>
const login = z.object({ verifier: z.string(), state: z.string(), nonce: z.string(), back: z.string() })
/** What a sign-in at the identity provider has to prove when it comes back. */
export type PendingLogin = z.infer<typeof login>

/**
 * Sessions are in the cookie, encrypted, so that every orchestrator accepts them, also after the leader changed. The key is derived from the ticket key, which all
 * orchestrators have: rotating that key signs everybody out.
 */
export class Sessions {
  readonly #key: Uint8Array
  readonly #clock: Clock

  private constructor(key: Uint8Array, clock: Clock) {
    this.#key = key
    this.#clock = clock
  }

  /** `ticketKey` must be extractable. */
  static async from(ticketKey: CryptoKey, clock: Clock): Promise<Sessions> {
    const { d = '' } = await exportJWK(ticketKey)
    return new Sessions(new Uint8Array(hkdfSync('sha256', Buffer.from(d, 'base64url'), '', AUDIENCE, 32)), clock)
  }

  async seal(person: Omit<Session, 'csrf'>): Promise<{ session: Session; cookie: string }> {
    const made = { ...person, csrf: randomBytes(CSRF_BYTES).toString('base64url') }
    return { session: made, cookie: await this.#encrypt('session', made, SESSION_MS) }
  }

  /** Undefined: the cookie is not valid any more. */
  open(cookie: string): Promise<Session | undefined> {
    return this.#decrypt('session', cookie, session)
  }

  sealLogin(pending: PendingLogin): Promise<string> {
    return this.#encrypt('login', pending, LOGIN_MS)
  }

  openLogin(cookie: string): Promise<PendingLogin | undefined> {
    return this.#decrypt('login', cookie, login)
  }

  async #encrypt(kind: string, content: object, lifetimeMs: DurationMs): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1000)
    return new EncryptJWT({ content })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(`${AUDIENCE}:${kind}`)
      .setExpirationTime(now + lifetimeMs / 1000)
      .encrypt(this.#key)
  }

  async #decrypt<T>(kind: string, cookie: string, shape: z.ZodType<T>): Promise<T | undefined> {
    try {
      const { payload } = await jwtDecrypt(cookie, this.#key, {
        audience: `${AUDIENCE}:${kind}`,
        currentDate: new Date(this.#clock.now()),
        contentEncryptionAlgorithms: ['A256GCM'],
        requiredClaims: ['exp'],
      })
      return shape.parse(payload['content'])
    } catch {
      return undefined // altered, expired, or of an earlier key: the person signs in again
    }
  }
}
