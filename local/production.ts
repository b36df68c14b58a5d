import { join } from 'node:path'
import type { OpenIdOptions } from '../gameserver/demo/bots/account/openIdSession.ts'
import { choosePort } from './services/ports.ts'

/** Matchmakers of a production world: more than one, so that nothing may depend on the memory of one. */
export const PRODUCTION_MATCHMAKERS = 2
/** Lifetime of access tokens in seconds: short, so that a run of half a minute renews them. */
export const TOKEN_SECONDS = 20
/** Who the access tokens are for. */
const AUDIENCE = 'strata'

export interface Production {
  openId: OpenIdOptions
  /** Settings of the identity provider's process. */
  providerEnv: Record<string, string>
  /** Settings by which matchmakers accept the provider's sessions and no others. */
  matchmakerEnv: Record<string, string>
  /** Settings by which the console lets people sign in there. */
  orchestratorEnv: Record<string, string>
}

/** Settings of a world without the development login. `state` keeps the provider's key, `console` is the console's address, where there is one. */
export async function productionSettings(state: string, tokenSeconds = TOKEN_SECONDS, console = ''): Promise<Production> {
  const port = await choosePort(undefined, 'another start')
  const openId: OpenIdOptions = { issuer: `http://127.0.0.1:${port}`, client: 'strata-game', redirectUri: 'http://127.0.0.1/signed-in' }
  return {
    openId,
    providerEnv: {
      HOST: '127.0.0.1',
      PORT: String(port),
      IDENTITY_KEYS: join(state, 'identity-keys'),
      AUDIENCE,
      CLIENT_ID: openId.client,
      REDIRECT_URI: openId.redirectUri,
      ...(console === '' ? {} : { CONSOLE_REDIRECT_URI: `${console}/v1/session/openid/callback` }),
      TOKEN_SECONDS: String(tokenSeconds),
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
    },
    matchmakerEnv: {
      DEV_LOGIN: 'false',
      SESSION_JWKS_URL: `${openId.issuer}/jwks`,
      SESSION_ISSUER: openId.issuer,
      SESSION_AUDIENCE: AUDIENCE,
    },
    orchestratorEnv: { CONSOLE_OPENID_ISSUER: openId.issuer },
  }
}
