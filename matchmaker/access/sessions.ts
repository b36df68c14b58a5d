import {
  type CryptoKey,
  calculateJwkThumbprint,
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  exportJWK,
  type JWK,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  SignJWT,
} from 'jose'
import { LRUCache } from 'lru-cache'
import type { Clock, DurationMs } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { AccountId, Language } from '../../model/ids.ts'
import { isStorable, storable } from '../../model/wire/text.ts'

/** Lifetime of a development session, in ms. Longer than any play session in development. */
const SESSION_MS: DurationMs = 12 * 3_600_000
const OWN_AUDIENCE = 'strata:session'
/** Asymmetric algorithms only, so that a key that verifies tokens cannot sign them. */
const ALGORITHMS = ['EdDSA', 'ES256', 'RS256']
/** Deadline in ms for fetching the identity provider's key set. A player waits for it. */
const JWKS_TIMEOUT_MS = 3_000
/** How long a verified token is accepted without checking its signature again, in ms. A withdrawn key stays valid for this long. */
const VERIFIED_MS: DurationMs = 60_000
/** Longest account id, in characters: `sub` may have 255 (OpenID Connect Core, section 2). */
const MAX_ACCOUNT_LENGTH = 255
/** Most verified tokens kept in memory; the one unused for longest is dropped. */
const MAX_VERIFIED = 20_000

/** Who a session token speaks for. */
export interface Identity {
  account: AccountId
  displayName?: string
  language?: Language
  /** Priority class in line, granted by the studio's identity provider; a development session may ask for any class. */
  class?: string
  roles: readonly string[]
  development: boolean
}

/** Names of the token's claims that an account is read from. */
export interface ClaimNames {
  account: AccountId
  displayName: string
  language: string
  class: string
  roles: string
}

export const defaultClaims: ClaimNames = { account: 'sub', displayName: 'name', language: 'locale', class: 'class', roles: 'roles' }

export interface SessionOptions {
  clock: Clock
  /** Public keys of the development login; they always verify. Without `privateKey` the development login is off. */
  publicKeys: CryptoKey[]
  privateKey?: CryptoKey
  /** The studio's identity provider. */
  identityProvider?: { jwks: URL; issuer?: string; audience?: string; claims?: ClaimNames }
}

/** Issues and checks session tokens. */
export class Sessions {
  readonly #options: SessionOptions
  readonly #own: Map<string, CryptoKey>
  /** Clients send the same token with every request, and checking its signature is the most expensive part of a short request. */
  readonly #verified: LRUCache<string, Identity>
  readonly #remote: ReturnType<typeof createRemoteJWKSet> | undefined
  /** Public keys of the development login, served by `GET /v1/jwks.json`. */
  readonly jwks: { keys: JWK[] }

  private constructor(options: SessionOptions, own: Map<string, CryptoKey>, keys: JWK[]) {
    this.#options = options
    this.#own = own
    this.jwks = { keys }
    this.#verified = new LRUCache({ max: MAX_VERIFIED, ttlResolution: 0, perf: options.clock })
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

  /** Whether the development login is on. */
  get development(): boolean {
    return this.#options.privateKey !== undefined
  }

  /** The signing key of the development login. Throws LOGIN_DISABLED when that login is off. */
  mayIssue(): { key: CryptoKey; kid: string } {
    const [kid] = this.#own.keys()
    const { privateKey: key } = this.#options
    if (key === undefined || kid === undefined) throw new StrataError('LOGIN_DISABLED')
    return { key, kid }
  }

  async issue(account: AccountId): Promise<string> {
    const { key, kid } = this.mayIssue()
    const now = this.#options.clock.now()
    return new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .setSubject(account)
      .setAudience(OWN_AUDIENCE)
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.floor((now + SESSION_MS) / 1000))
      .sign(key)
  }

  /**
   * Returns who the `Authorization` header speaks for. Throws SESSION_MISSING, SESSION_INVALID, or DEPENDENCY_DOWN when the identity provider does not
   * answer.
   */
  async verify(authorization: string | undefined): Promise<Identity> {
    const token = bearerIn(authorization)
    if (token === undefined) throw new StrataError('SESSION_MISSING')
    const known = this.#verified.get(token)
    if (known !== undefined) return known
    try {
      const own = this.#own.get(decodeProtectedHeader(token).kid ?? '')
      const payload = own === undefined ? await this.#verifyRemote(token) : await this.#verifyOwn(token, own)
      // A token that never expires could not be withdrawn.
      if (payload.exp === undefined) throw new Error('the token has no expiry (exp)')
      const identity = identityOf(payload, own === undefined ? (this.#options.identityProvider?.claims ?? defaultClaims) : defaultClaims, own !== undefined)
      const leftMs = payload.exp * 1000 - this.#options.clock.now() - 1
      if (leftMs > 0) this.#verified.set(token, identity, { ttl: Math.min(VERIFIED_MS, leftMs) })
      return identity
    } catch (error) {
      if (error instanceof StrataError) throw error
      throw new StrataError('SESSION_INVALID', { problem: error instanceof Error ? error.message : 'unreadable' }, { cause: error })
    }
  }

  /** Whether this header was verified lately, so that its request need not count against its address. */
  isVerified(authorization: string | undefined): boolean {
    const token = bearerIn(authorization)
    return token !== undefined && this.#verified.has(token)
  }

  async #verifyOwn(token: string, key: CryptoKey): Promise<JWTPayload> {
    return (await jwtVerify(token, key, { algorithms: ['EdDSA'], audience: OWN_AUDIENCE, currentDate: this.#now() })).payload
  }

  async #verifyRemote(token: string): Promise<JWTPayload> {
    const { identityProvider } = this.#options
    const remote = this.#remote
    if (remote === undefined || identityProvider === undefined)
      throw new Error('the token was not signed by a key of this service or of the configured identity provider')
    const { issuer, audience } = identityProvider
    const claims: JWTVerifyOptions = defined({ issuer, audience, algorithms: ALGORITHMS, currentDate: this.#now() })
    return (await jwtVerify(token, (header, input) => remote(header, input).catch(keySetFailure), claims)).payload
  }

  #now(): Date {
    return new Date(this.#options.clock.now())
  }
}

function identityOf(payload: JWTPayload, names: ClaimNames, development: boolean): Identity {
  const text = (name: string): string | undefined => {
    const value = payload[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const displayName = text(names.displayName)
  const account = text(names.account)
  if (account === undefined || account.length > MAX_ACCOUNT_LENGTH || !isStorable(account))
    throw new Error(`the token names no account (claim "${names.account}", at most ${MAX_ACCOUNT_LENGTH} characters, no control characters)`)
  const roles = payload[names.roles]
  return defined({
    account,
    displayName: displayName === undefined ? undefined : storable(displayName),
    language: text(names.language)?.toLowerCase(),
    class: text(names.class),
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    development,
  })
}

function bearerIn(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
}

/** A fetched key set without a matching key means that the token is invalid. Every other failure is the identity provider's. */
function keySetFailure(error: unknown): never {
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
  throw new StrataError('DEPENDENCY_DOWN', { what: 'The identity provider' }, { cause: error })
}

/**
 * Priority rank in line (0 is first): the requested class, but never better than the granted one. Without a granted class it is the last. Throws
 * BAD_REQUEST for a class that the policy does not have.
 */
export function rankOf(identity: Identity, requested: string | undefined, classes: readonly string[]): number {
  const last = classes.length - 1
  const granted = identity.development ? 0 : Math.max(0, identity.class === undefined ? last : indexOr(classes, identity.class, last))
  if (requested === undefined) return identity.development ? last : granted
  const rank = classes.indexOf(requested)
  if (rank < 0) throw new StrataError('BAD_REQUEST', { problem: `class: this map has ${classes.join(', ')}` })
  return Math.max(rank, granted)
}

function indexOr(classes: readonly string[], name: string, otherwise: number): number {
  const index = classes.indexOf(name)
  return index < 0 ? otherwise : index
}
