import * as openId from 'openid-client'
import { isRole, type Role, roles } from '../../model/access/roles.ts'
import { StrataError } from '../../model/errors.ts'
import type { PendingLogin } from './sessions.ts'

export interface OpenIdSettings {
  issuer: string
  client: string
  /** Absent: a public client, with PKCE only. */
  secret?: string
  /** Path of the claim that has the roles, with dots between its parts: `roles`, `realm_access.roles`. */
  rolesClaim: string
  /** Roles by the value of the claim. A value that is the name of a role needs no entry. */
  roleOf: ReadonlyMap<string, Role>
  /** Public address of the console. */
  url: string
}

/** Deadline of a call to the provider, in seconds. */
const DEADLINE_S = 10

/** Signs people in at the studio's identity provider, by the authorization code flow with PKCE (RFC 7636). */
export class OpenIdLogin {
  readonly #settings: OpenIdSettings
  #discovered: Promise<openId.Configuration> | undefined

  constructor(settings: OpenIdSettings) {
    this.#settings = settings
  }

  /** Address at the provider to go to, and what the way back has to prove. */
  async begin(back: string): Promise<{ address: string; pending: PendingLogin }> {
    const configuration = await this.#configuration()
    const pending = { verifier: openId.randomPKCECodeVerifier(), state: openId.randomState(), nonce: openId.randomNonce(), back }
    const address = openId.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirect(),
      scope: 'openid profile',
      code_challenge: await openId.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
      state: pending.state,
      nonce: pending.nonce,
    })
    return { address: address.href, pending }
  }

  /** Name and roles of the person who came back with this query. Throws SESSION_INVALID, ROLE_MISSING. */
  async finish(query: string, { verifier, state, nonce }: PendingLogin): Promise<{ name: string; roles: Role[] }> {
    const configuration = await this.#configuration()
    const address = new URL(`${this.#redirect()}?${query}`)
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
    const claims = await openId.authorizationCodeGrant(configuration, address, checks).then(
      (tokens) => tokens.claims(),
      (error: unknown) => {
        throw new StrataError('SESSION_INVALID', { problem: error instanceof Error ? error.message : 'the identity provider refused it' }, { cause: error })
      },
    )
    const name = [claims?.['preferred_username'], claims?.['name'], claims?.['email'], claims?.sub].find((one) => typeof one === 'string' && one !== '')
    const granted = rolesIn(claims, this.#settings)
    if (granted.length === 0) throw new StrataError('ROLE_MISSING', { name: String(name), roles: roles.join(', ') })
    return { name: String(name).slice(0, MAX_NAME), roles: granted }
  }

  #redirect(): string {
    return `${this.#settings.url}/v1/session/openid/callback`
  }

  /** Reads the provider's configuration at the first sign-in, and again after it failed. Throws DEPENDENCY_DOWN. */
  #configuration(): Promise<openId.Configuration> {
    const { issuer, client, secret } = this.#settings
    // A provider without TLS is one on this machine.
    const options = { timeout: DEADLINE_S, ...(issuer.startsWith('http://') ? { execute: [openId.allowInsecureRequests] } : {}) }
    this.#discovered ??= openId
      .discovery(new URL(issuer), client, secret, secret === undefined ? openId.None() : undefined, options)
      .catch((error: unknown) => {
        this.#discovered = undefined
        throw new StrataError('DEPENDENCY_DOWN', { what: 'The identity provider' }, { cause: error })
      })
    return this.#discovered
  }
}

/** Longest name of a person in the audit log, in characters. */
const MAX_NAME = 48

/** Roles that the claim grants: its values, one text or several, each by the table or as the name of a role. */
export function rolesIn(claims: unknown, { rolesClaim, roleOf }: Pick<OpenIdSettings, 'rolesClaim' | 'roleOf'>): Role[] {
  let value: unknown = claims
  for (const part of rolesClaim.split('.')) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined
  const values = (typeof value === 'string' ? value.split(/[\s,]+/) : Array.isArray(value) ? value : []).map(String)
  return [...new Set(values.flatMap((one) => roleOf.get(one) ?? (isRole(one) ? [one] : [])))]
}
