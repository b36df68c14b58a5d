import { generateKeyPair } from 'jose'
import { Registry } from 'prom-client'
import { Sessions } from '../../matchmaker/access/sessions.ts'
import { type AppOptions, createApp } from '../../matchmaker/http/app.ts'
import type { Parts } from '../../matchmaker/parts.ts'
import type { HttpApp } from '../../service/http.ts'
import { createLogger } from '../../service/log.ts'
import type { Realm } from './realm.ts'

export interface ServedOptions extends Partial<Omit<AppOptions, 'parts' | 'sessions'>> {
  /** Whether anybody may log in as anybody. */
  development?: boolean
  /** Of the studio's identity provider, `studio`. */
  jwks?: URL
}

export interface Served extends AsyncDisposable {
  app: HttpApp
  parts: Parts
  sessions: Sessions
}

/** A matchmaker of the realm with its API in front, as `matchmaker/main.ts` puts it together, and with limits that no test meets by accident. */
export async function served(realm: Realm, { development = true, jwks, ...options }: ServedOptions = {}): Promise<Served> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
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
    registry: new Registry(),
    log: createLogger('test', 'silent'),
    clock: realm.clock,
    ready: async () => undefined,
    perSessionPerSecond: 1_000,
    perAddressPerSecond: 10_000,
    origin: '*',
    ...options,
  })
  return { app, parts, sessions, [Symbol.asyncDispose]: () => app.close() }
}
