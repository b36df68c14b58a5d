import {
  type CryptoKey,
  calculateJwkThumbprint,
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  exportJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'
import type { Clock, DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import { VerifiedSessions } from './verifiedSessions.ts'

const SESSION_MS: DurationMs = 12 * 3_600_000
const OWN_AUDIENCE = 'strata:session'
/** Asymmetric only: a key that verifies must not be able to sign. */
const ALGORITHMS = ['EdDSA', 'ES256', 'RS256']
const JWKS_TIMEOUT_MS = 3_000

/** Who asks. `class` is what the studio's identity provider grants; `development` sessions may name any class. */
export interface Session {
  character: CharacterId
  class?: string
  development: boolean
}

export interface SessionOptions {
  clock: Clock
  /** Of the development login: the public keys always verify; without the private one nobody can log in here. */
  publicKeys: CryptoKey[]
  privateKey?: CryptoKey
  /** The studio's identity provider; `sub` of its tokens is the character's id. */
  identityProvider?: { jwks: URL; issuer?: string; audience?: string }
}

/** Issues and checks session tokens. */
export class Sessions {
  readonly #options: SessionOptions
  readonly #own: Map<string, CryptoKey>
  readonly #verified = new VerifiedSessions<Session>()
  readonly #remote: ReturnType<typeof createRemoteJWKSet> | undefined
  /** Public keys of the development login, as `GET /v1/jwks.json` shows them. */
  readonly jwks: { keys: JWK[] }

  private constructor(options: SessionOptions, own: Map<string, CryptoKey>, keys: JWK[]) {
    this.#options = options
    this.#own = own
    this.jwks = { keys }
    if (options.identityProvider !== undefined) this.#remote = createRemoteJWKSet(options.identityProvider.jwks, { timeoutDuration: JWKS_TIMEOUT_MS })
  }

  static async create(options: SessionOptions): Promise<Sessions> {
    const own = new Map<string, CryptoKey>()
    const keys: JWK[] = []
    for (const key of options.publicKeys) {
      const jwk = await exportJWK(key)
      const kid = await calculateJwkThumbprint(jwk)
      own.set(kid, key)
      keys.push({ ...jwk, kid, alg: 'EdDSA', use: 'sig' })
    }
    return new Sessions(options, own, keys)
  }

  /** The development login is on. */
  get development(): boolean {
    return this.#options.privateKey !== undefined
  }

  /** Throws LOGIN_DISABLED outside development. */
  mayIssue(): { key: CryptoKey; kid: string } {
    const [kid] = this.#own.keys()
    const { privateKey: key } = this.#options
    if (key === undefined || kid === undefined) throw new StrataError('LOGIN_DISABLED')
    return { key, kid }
  }

  async issue(character: CharacterId): Promise<string> {
    const { key, kid } = this.mayIssue()
    const now = this.#options.clock.now()
    return new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .setSubject(character)
      .setAudience(OWN_AUDIENCE)
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.floor((now + SESSION_MS) / 1000))
      .sign(key)
  }

  /** Throws SESSION_MISSING, SESSION_INVALID, or DEPENDENCY_DOWN when the identity provider does not answer. */
  async verify(authorization: string | undefined): Promise<Session> {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) throw new StrataError('SESSION_MISSING')
    const now = this.#options.clock.now()
    const known = this.#verified.get(token, now)
    if (known !== undefined) return known
    try {
      const own = this.#own.get(decodeProtectedHeader(token).kid ?? '')
      const payload = own === undefined ? await this.#verifyRemote(token) : await this.#verifyOwn(token, own)
      if (payload.sub === undefined) throw new Error('it names no character (sub)')
      const granted = payload['class']
      const session = { character: payload.sub, development: own !== undefined, ...(typeof granted === 'string' ? { class: granted } : {}) }
      this.#verified.keep(token, session, now, payload.exp === undefined ? Number.POSITIVE_INFINITY : payload.exp * 1000)
      return session
    } catch (error) {
      if (error instanceof StrataError) throw error
      throw new StrataError('SESSION_INVALID', { problem: error instanceof Error ? error.message : 'unreadable' }, { cause: error })
    }
  }

  async #verifyOwn(token: string, key: CryptoKey): Promise<JWTPayload> {
    return (await jwtVerify(token, key, { algorithms: ['EdDSA'], audience: OWN_AUDIENCE, currentDate: this.#now() })).payload
  }

  async #verifyRemote(token: string): Promise<JWTPayload> {
    const { identityProvider } = this.#options
    const remote = this.#remote
    if (remote === undefined || identityProvider === undefined) throw new Error('nobody known here signed it')
    const { issuer, audience } = identityProvider
    const claims = { ...(issuer === undefined ? {} : { issuer }), ...(audience === undefined ? {} : { audience }) }
    return (await jwtVerify(token, (header, input) => remote(header, input).catch(unanswered), { ...claims, algorithms: ALGORITHMS, currentDate: this.#now() }))
      .payload
  }

  #now(): Date {
    return new Date(this.#options.clock.now())
  }
}

/** Only a key set that was read can say that it has no such key: everything else is the identity provider's failure, not the token's. */
function unanswered(error: unknown): never {
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
  throw new StrataError('DEPENDENCY_DOWN', { what: 'The identity provider' }, { cause: error })
}

/** Rank in line: the wished class, but none better than granted; without a grant the last. Throws BAD_REQUEST for a class that the policy does not have. */
export function rankOf(session: Session, wished: string | undefined, classes: readonly string[]): number {
  const last = classes.length - 1
  const granted = session.development ? 0 : Math.max(0, session.class === undefined ? last : indexOr(classes, session.class, last))
  if (wished === undefined) return session.development ? last : granted
  const rank = classes.indexOf(wished)
  if (rank < 0) throw new StrataError('BAD_REQUEST', { problem: `class: this map has ${classes.join(', ')}` })
  return Math.max(rank, granted)
}

function indexOr(classes: readonly string[], name: string, otherwise: number): number {
  const index = classes.indexOf(name)
  return index < 0 ? otherwise : index
}
