import { createHmac } from 'node:crypto'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { AccessTable, Who } from '../../model/access/who.ts'
import type { Instant } from '../../model/clock.ts'
import { type Scope, scopes, signServiceToken } from '../../model/ticket/serviceToken.ts'
import { keyId, tokenHeader } from '../../model/ticket/signature.ts'

/** Undefined: the request has no `Authorization` header. */
export type Token = string | undefined

export interface KeyPair {
  privateKey: CryptoKey
  publicKey: CryptoKey
}

export interface Parties {
  /** Signs the sessions that the API accepts. */
  session: KeyPair
  /** Signs the service tokens that the API accepts. */
  service: KeyPair
  /** Signs nothing that the API accepts. */
  foreign: KeyPair
  operatorToken: string
  /** The account in whose name the requests act. */
  victim: string
  /** An account with another character. */
  other: string
  now(): Instant
}

const SESSION = 'strata:session'
const SERVICE = 'strata:service'
const SOON_MS = 600_000

export const isScope = (who: Who): who is Scope => (scopes as readonly string[]).includes(who)
const isPlayers = (who: Who): boolean => who === 'account' || who === 'character'

export function keyPair(): Promise<KeyPair> {
  return generateKeyPair('EdDSA', { extractable: true })
}

/** The rows that need a token: each must refuse every kind of stranger. */
export function closedRows(table: AccessTable): [route: string, who: Who][] {
  return Object.entries(table).filter(([, who]) => who !== 'anyone' && who !== 'development')
}

/** A kind of caller, with the tokens that it may send to a route which is not for it. A route that is for it gets none. */
export interface Stranger {
  kind: string
  tokens(who: Who, parties: Parties): Promise<Token[]>
}

export const strangers: readonly Stranger[] = [
  { kind: 'nobody', tokens: async () => [undefined, '', 'x.y.z', 'operators'] },
  {
    kind: 'an operator of too low a role',
    tokens: async (who, parties) => {
      if (!isScope(who)) return []
      const others = scopes.filter((scope) => scope !== who)
      return Promise.all([[], others, ...others.map((one) => [one])].map((granted) => service(parties, granted)))
    },
  },
  {
    kind: "a service or an operator on a player's route",
    tokens: async (who, parties) => {
      if (isPlayers(who)) return [parties.operatorToken, await service(parties, scopes)]
      return who === 'own character or operator' ? [await service(parties, without('operator'))] : []
    },
  },
  { kind: "a player on a service's route", tokens: async (who, parties) => (isScope(who) ? [await session(parties, parties.victim)] : []) },
  {
    kind: 'somebody with an expired token',
    tokens: async (_who, parties) => [await service(parties, scopes, { expires: -1_000 }), await session(parties, parties.victim, { expires: -1_000 })],
  },
  {
    kind: 'somebody with a token that never expires',
    tokens: async (_who, parties) => [
      await signed(parties.service.privateKey, { aud: SERVICE, sub: 'walker', scope: scopes.join(' ') }),
      await signed(parties.session.privateKey, { aud: SESSION, sub: parties.victim }),
    ],
  },
  {
    kind: 'somebody with a token of a foreign key',
    tokens: async (_who, parties) => {
      const { foreign } = parties
      const [serviceKey, sessionKey] = [await keyId(parties.service.publicKey), await keyId(parties.session.publicKey)]
      return [
        await service({ ...parties, service: foreign }, scopes),
        await session({ ...parties, session: foreign }, parties.victim),
        // The id of an accepted key, over a signature by the foreign one.
        await signed(foreign.privateKey, serviceClaims(parties, scopes), serviceKey),
        await signed(foreign.privateKey, sessionClaims(parties, parties.victim), sessionKey),
      ]
    },
  },
  {
    kind: 'somebody with an unsigned token',
    tokens: async (_who, parties) => {
      const claims = [serviceClaims(parties, scopes), sessionClaims(parties, parties.victim)]
      return ['none', 'None', 'NONE'].flatMap((alg) => claims.map((one) => `${encoded({ alg, typ: 'JWT' })}.${encoded(one)}.`))
    },
  },
  {
    kind: 'somebody who signs with a public key as a secret',
    tokens: async (_who, parties) => [
      await hmac(parties.service, serviceClaims(parties, scopes)),
      await hmac(parties.session, sessionClaims(parties, parties.victim)),
    ],
  },
  {
    kind: 'somebody with a token of another kind',
    tokens: async (_who, parties) => {
      const [asService, asSession] = [serviceClaims(parties, scopes), sessionClaims(parties, parties.victim)]
      return Promise.all([
        // The right claims by the key of the other kind, and the right key with the audience of another kind.
        signed(parties.session.privateKey, asService),
        signed(parties.service.privateKey, asSession),
        ...['strata:server', 'strata:line', SESSION, ''].map((aud) => signed(parties.service.privateKey, { ...asService, aud })),
        ...['strata:server', 'strata:line', SERVICE, ''].map((aud) => signed(parties.session.privateKey, { ...asSession, aud })),
      ])
    },
  },
]

/** The token of the caller that a row names. */
export async function rightful(who: Who, parties: Parties): Promise<Token[]> {
  if (isScope(who)) return [await service(parties, [who]), parties.operatorToken]
  if (who === 'own character or operator') return [await session(parties, parties.victim), await service(parties, ['operator'])]
  return isPlayers(who) ? [await session(parties, parties.victim)] : [undefined]
}

export function session(parties: Parties, account: string, { expires = SOON_MS } = {}): Promise<string> {
  return signed(parties.session.privateKey, sessionClaims(parties, account, expires))
}

export function service(parties: Parties, granted: readonly Scope[], { expires = SOON_MS } = {}): Promise<string> {
  return signServiceToken({ name: 'walker', scopes: granted, expires: parties.now() + expires }, parties.service.privateKey, parties.now())
}

const without = (scope: Scope): Scope[] => scopes.filter((one) => one !== scope)
const seconds = (at: Instant): number => Math.floor(at / 1000)

function sessionClaims({ now }: Parties, sub: string, expires = SOON_MS): Record<string, unknown> {
  return { sub, aud: SESSION, exp: seconds(now() + expires) }
}

function serviceClaims({ now }: Parties, granted: readonly Scope[]): Record<string, unknown> {
  return { sub: 'walker', aud: SERVICE, scope: granted.join(' '), exp: seconds(now() + SOON_MS) }
}

/** `kid`: the id that the header names, instead of that of the key. */
async function signed(key: CryptoKey, claims: Record<string, unknown>, kid?: string): Promise<string> {
  const header = await tokenHeader(key)
  return new SignJWT(claims).setProtectedHeader(kid === undefined ? header : { ...header, kid }).sign(key)
}

/** A token signed by HMAC with the bytes of the public key, which everybody knows. */
async function hmac(keys: KeyPair, claims: Record<string, unknown>): Promise<string> {
  const { x = '' } = await exportJWK(keys.publicKey)
  const head = `${encoded({ alg: 'HS256', kid: await keyId(keys.publicKey) })}.${encoded(claims)}`
  return `${head}.${createHmac('sha256', Buffer.from(x, 'base64url')).update(head).digest('base64url')}`
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
