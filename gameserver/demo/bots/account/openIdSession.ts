import { createHash, randomBytes } from 'node:crypto'

/** Longest time for one request to the identity provider, in ms. */
const REQUEST_TIMEOUT_MS = 10_000
/** Redirects that a sign-in follows at most; the provider needs three. */
const REDIRECTS_MAX = 8

/** The studio's identity provider and the game as its client. */
export interface OpenIdOptions {
  issuer: string
  client: string
  redirectUri: string
}

/** What the person types in at the provider. */
export interface Credentials {
  login: string
  name?: string
  locale?: string
}

interface Tokens {
  access_token: string
  refresh_token?: string
}

interface Endpoints {
  authorization_endpoint: string
  token_endpoint: string
}

/**
 * Session tokens of one person from an OpenID provider: by an authorization code with PKCE at first, later by the refresh token. `token` is the function that
 * StrataClient calls whenever it needs a token.
 */
export class OpenIdSession {
  readonly #options: OpenIdOptions
  readonly #credentials: Credentials
  #endpoints: Promise<Endpoints> | undefined
  #refreshToken: string | undefined
  /** Sign-ins with the code flow, and renewals with the refresh token. */
  readonly counts = { signedIn: 0, renewed: 0 }

  constructor(options: OpenIdOptions, credentials: Credentials) {
    this.#options = options
    this.#credentials = credentials
  }

  readonly token = async (): Promise<string> => {
    const renewed = await this.#renew()
    if (renewed !== undefined) return renewed
    const verifier = randomBytes(32).toString('base64url')
    const code = await this.#authorize(verifier)
    const { redirectUri } = this.#options
    const tokens = await this.#redeem({ grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri })
    this.counts.signedIn++
    return tokens.access_token
  }

  /** Undefined without a refresh token, and when the provider refuses it: the provider forgets all tokens when it restarts. */
  async #renew(): Promise<string | undefined> {
    const refreshToken = this.#refreshToken
    if (refreshToken === undefined) return undefined
    this.#refreshToken = undefined
    try {
      const tokens = await this.#redeem({ grant_type: 'refresh_token', refresh_token: refreshToken })
      this.counts.renewed++
      return tokens.access_token
    } catch (error) {
      if (error instanceof Refused) return undefined
      this.#refreshToken = refreshToken
      throw error
    }
  }

  /** Follows the authorization request, the sign-in and the redirect back, as a browser does. Returns the code. */
  async #authorize(verifier: string): Promise<string> {
    const { client, redirectUri } = this.#options
    const { authorization_endpoint } = await this.#discover()
    const state = randomBytes(16).toString('base64url')
    const query = new URLSearchParams({
      client_id: client,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid profile',
      prompt: 'login',
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const cookies = new Map<string, string>()
    let next = new URL(`${authorization_endpoint}?${query}`)
    for (let redirects = 0; redirects < REDIRECTS_MAX; redirects++) {
      const answer = await this.#visit(next, cookies)
      const location = answer.headers.get('location')
      if (location === null) throw new Error(`the identity provider answered ${answer.status} to ${next.pathname}: ${(await answer.text()).slice(0, 200)}`)
      await answer.body?.cancel()
      next = new URL(location, next)
      if (!next.href.startsWith(redirectUri)) continue
      const code = next.searchParams.get('code')
      if (code === null || next.searchParams.get('state') !== state)
        throw new Error(`the identity provider refused the sign-in: ${next.searchParams.get('error_description') ?? next.search}`)
      return code
    }
    throw new Error(`the identity provider redirected more than ${REDIRECTS_MAX} times`)
  }

  async #visit(url: URL, cookies: Map<string, string>): Promise<Response> {
    const signingIn = url.pathname.startsWith('/interaction/')
    const answer = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(signingIn ? { 'content-type': 'application/json' } : {}),
      },
      ...(signingIn ? { method: 'POST', body: JSON.stringify(this.#credentials) } : {}),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';', 1)
      const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }

  async #redeem(form: Record<string, string>): Promise<Tokens> {
    const { token_endpoint } = await this.#discover()
    const answer = await fetch(token_endpoint, {
      method: 'POST',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      body: new URLSearchParams({ ...form, client_id: this.#options.client }),
    })
    const body: unknown = await answer.json()
    if (answer.status === 400) throw new Refused(`the identity provider refused the ${form['grant_type']}: ${JSON.stringify(body)}`)
    if (!answer.ok) throw new Error(`the identity provider answered ${answer.status}: ${JSON.stringify(body)}`)
    const tokens = body as Tokens // RFC 6749, section 5.1
    this.#refreshToken = tokens.refresh_token
    return tokens
  }

  #discover(): Promise<Endpoints> {
    this.#endpoints ??= fetch(`${this.#options.issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }).then(
      (answer) => answer.json() as Promise<Endpoints>, // OpenID Connect Discovery, section 4.2
    )
    this.#endpoints.catch(() => {
      this.#endpoints = undefined
    })
    return this.#endpoints
  }
}

/** The provider answered with a refusal. */
class Refused extends Error {}
