import { createHash } from 'node:crypto'
import { type ClientMetadata, type Configuration, Provider } from 'oidc-provider'
import { MemoryRecords } from './memoryRecords.ts'
import { type SignIn, signInRoute } from './signIn.ts'

/** How long a player stays signed in without asking for a new token, in seconds. */
const SIGNED_IN_SECONDS = 14 * 86_400
/** How long the player may take between the authorization request and the sign-in, and the client until it redeems the code, in seconds. */
const STEP_SECONDS = 300

export interface ProviderOptions {
  /** Its own URL, which tokens name as `iss`. */
  issuer: string
  /** Lifetime of access tokens, in seconds. Short, so that a run renews them. */
  tokenSeconds: number
  /** Who the access tokens are for: the matchmaker's SESSION_AUDIENCE. */
  audience: string
  /** The game as a client of the provider: public (no secret), with PKCE. */
  client: string
  redirectUri: string
  /** The console as another client, where there is one. */
  console?: { client: string; redirectUri: string }
  /** Private key (JWK) that signs the tokens. */
  key: Record<string, unknown>
  /** Secret of the provider's cookies. */
  cookieSecret: string
  now: () => number
}

/** An OpenID provider whose accounts come into being when somebody signs in to them. It has no passwords: for one machine only. */
export function createProvider({ issuer, tokenSeconds, audience, client, redirectUri, console, key, cookieSecret, now }: ProviderOptions): Provider {
  const records = new MemoryRecords(now)
  const people = new Map<string, SignIn>()
  const scope = 'openid profile'
  const configuration: Configuration = {
    adapter: (model) => records.adapter(model),
    clients: [{ client, redirectUri }, ...(console === undefined ? [] : [console])].map(publicClient),
    // The console reads the roles from the id token.
    conformIdTokenClaims: false,
    jwks: { keys: [key] },
    cookies: { keys: [cookieSecret] },
    scopes: ['openid', 'profile'],
    claims: { openid: ['sub'], profile: ['name', 'locale', 'class', 'roles'] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...claimsOf(people.get(id)) }) }),
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => `${issuer}/game`,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope, audience, accessTokenFormat: 'jwt', accessTokenTTL: tokenSeconds, jwt: { sign: { alg: 'EdDSA' } } }),
      },
    },
    extraTokenClaims: (_, token) => ('accountId' in token && token.accountId !== undefined ? claimsOf(people.get(token.accountId)) : undefined),
    // The game belongs to the studio, so its players are not asked for consent.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client?.clientId ?? client, accountId: oidc.session?.accountId ?? '' })
      grant.addOIDCScope(scope)
      grant.addResourceScope(`${issuer}/game`, scope)
      await grant.save()
      return grant
    },
    // A refresh token for each sign-in; a used one is replaced.
    issueRefreshToken: async () => true,
    ttl: {
      AccessToken: tokenSeconds,
      IdToken: tokenSeconds,
      AuthorizationCode: STEP_SECONDS,
      Interaction: STEP_SECONDS,
      Session: SIGNED_IN_SECONDS,
      Grant: SIGNED_IN_SECONDS,
      RefreshToken: SIGNED_IN_SECONDS,
    },
  }
  const provider = new Provider(issuer, configuration)
  signInRoute(provider, (signIn) => {
    const account = accountOf(signIn.login)
    people.set(account, signIn)
    return account
  })
  return provider
}

/** A client without a secret, with PKCE. */
function publicClient({ client, redirectUri }: { client: string; redirectUri: string }): ClientMetadata {
  return {
    client_id: client,
    token_endpoint_auth_method: 'none',
    application_type: 'web',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    id_token_signed_response_alg: 'EdDSA',
  }
}

/** The `sub` of a login: stable, also after a restart, and without the name in it, as with a real provider. */
export function accountOf(login: string): string {
  return createHash('sha256').update(login).digest('hex').slice(0, 32)
}

function claimsOf(person: SignIn | undefined): Record<string, string | string[]> {
  const { name, locale, class: granted, roles } = person ?? {}
  return Object.fromEntries(
    Object.entries({ name, locale, class: granted, roles }).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined),
  )
}
