import { z } from 'zod'
import { isRole, type Role, roles } from '../../model/access/roles.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import { url } from '../../service/environment.ts'
import type { OpenIdSettings } from './openIdLogin.ts'

export const consoleSettings = z.object({
  /** Public address of the console without a path, such as `https://ops.example.com`. Needed with CONSOLE_OPENID_ISSUER. With `https`, the cookies of sessions are sent over HTTPS only. */
  CONSOLE_URL: url.optional(),
  /** Issuer of the studio's OpenID provider. Without it, people sign in with the accounts that `strata console-account` makes. */
  CONSOLE_OPENID_ISSUER: url.optional(),
  /** Id of the console as a client of the provider. Its redirect address is CONSOLE_URL followed by `/v1/session/openid/callback`. */
  CONSOLE_OPENID_CLIENT: z.string().min(1).default('strata-console'),
  /** Secret of the client; without it the client is public, with PKCE only. */
  CONSOLE_OPENID_SECRET: z.string().min(1).optional(),
  /** Claim of the id token that has the roles, with dots between its parts: `roles`, `realm_access.roles`. */
  CONSOLE_ROLES_CLAIM: z.string().min(1).default('roles'),
  /** Role for each value of the claim, such as `ops=operator,qa=viewer`. The names viewer, designer, moderator and operator need no entry. */
  CONSOLE_ROLES: z.string().default(''),
  /** Address of the matchmakers, which carry out what moderators do and explain placements. Needs OPERATOR_TOKEN. Without it, the console shows no explanations and moderates nobody. */
  CONSOLE_MATCHMAKER_URL: url.optional(),
  /** File with a recorded day, as `simulate --trace` reads it, on which drafts of policies are tried in the console. Without it: what was recorded of the last day. */
  CONSOLE_DAY: z.string().min(1).optional(),
})
export type ConsoleSettings = z.infer<typeof consoleSettings>

/** Undefined without a provider. Throws SETTING_INVALID. */
export function openIdSettings(settings: ConsoleSettings): OpenIdSettings | undefined {
  const { CONSOLE_OPENID_ISSUER: issuer, CONSOLE_OPENID_CLIENT: client, CONSOLE_OPENID_SECRET: secret, CONSOLE_ROLES_CLAIM: rolesClaim } = settings
  if (issuer === undefined) return undefined
  if (settings.CONSOLE_URL === undefined)
    throw new StrataError('SETTING_INVALID', { setting: 'CONSOLE_URL', problem: 'it is missing; the identity provider sends people back to this address' })
  return defined({ issuer, client, secret, rolesClaim, roleOf: rolesByValue(settings.CONSOLE_ROLES), url: settings.CONSOLE_URL.replace(/\/+$/, '') })
}

/** `ops=operator,qa=viewer`. Throws SETTING_INVALID. */
function rolesByValue(text: string): Map<string, Role> {
  return new Map(
    text
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((part) => {
        const at = part.lastIndexOf('=')
        const [value, role] = [part.slice(0, at).trim(), part.slice(at + 1).trim()]
        if (at < 1 || !isRole(role))
          throw new StrataError('SETTING_INVALID', { setting: 'CONSOLE_ROLES', problem: `"${part}" is not VALUE=ROLE with a role of ${roles.join(', ')}` })
        return [value, role]
      }),
  )
}
