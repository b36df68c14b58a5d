import { type CryptoKey, generateKeyPair } from 'jose'
import { Registry } from 'prom-client'
import { Sessions } from '../../matchmaker/access/sessions.ts'
import { type AppOptions, createApp } from '../../matchmaker/http/app.ts'
import type { Parts } from '../../matchmaker/parts.ts'
import { defaultNameRules } from '../../model/people/names.ts'
import type { HttpApp } from '../../service/http.ts'
import { createLogger } from '../../service/log.ts'
import type { Realm } from './realm.ts'

export interface ServedOptions extends Partial<Omit<AppOptions, 'parts' | 'sessions' | 'accounts' | 'social'>> {
  /** Whether the development login is on. */
  development?: boolean
  /** Keys of the development login; without them new ones are made. */
  sessionKeys?: { privateKey: CryptoKey; publicKey: CryptoKey }
  /** Key set of the studio's identity provider, whose issuer is `studio`. */
  jwks?: URL
}

/** Operator token of a served matchmaker, unless the test names another one. */
export const OPERATOR = 'operators of the test'

export interface Served extends AsyncDisposable {
  app: HttpApp
  parts: Parts
  sessions: Sessions
}

/** A matchmaker of the realm with its HTTP API, composed as in `matchmaker/main.ts`, with rate limits that tests do not reach by accident. */
export async function served(realm: Realm, { development = true, sessionKeys, jwks, ...options }: ServedOptions = {}): Promise<Served> {
  const { privateKey, publicKey } = sessionKeys ?? (await generateKeyPair('EdDSA', { extractable: true }))
  const parts = realm.matchmaker()
  const sessions = await Sessions.create({
    clock: realm.clock,
    publicKeys: [publicKey],
    ...(development ? { privateKey } : {}),
    ...(jwks === undefined ? {} : { identityProvider: { jwks, issuer: 'studio' } }),
  })
  const app = await createApp({
    parts,
    sessions,
    accounts: realm.store.accounts,
    social: realm.store.social,
    webhooks: realm.store.webhooks,
    characters: { names: defaultNameRules, perAccount: 8, madeBy: 'players' },
    registry: new Registry(),
    log: createLogger('test', 'silent'),
    clock: realm.clock,
    ready: async () => undefined,
    perSessionPerSecond: 1_000,
    perAddressPerSecond: 10_000,
    origin: '*',
    operatorToken: OPERATOR,
    ...options,
  })
  return { app, parts, sessions, [Symbol.asyncDispose]: () => app.close() }
}
