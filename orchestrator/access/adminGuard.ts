import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { scopesOf } from '../../model/access/roles.ts'
import { StrataError } from '../../model/errors.ts'
import type { Scope } from '../../model/ticket/serviceToken.ts'
import { guarded } from '../../service/callers/guarded.ts'
import { ACTOR_HEADER, type ServiceCallers } from '../../service/callers/serviceCallers.ts'
import type { ConsoleAccounts } from '../../store/accounts/consoleAccounts.ts'
import type { Session, Sessions } from './sessions.ts'

export const SESSION_COOKIE = 'strata_session'
export const CSRF_HEADER = 'strata-csrf'
/** For how long a local account is not read again, in ms: so soon a change of its roles acts. */
const ACCOUNT_AGE_MS = 5_000
/** Local accounts that are kept in memory. */
const ACCOUNTS = 500

export interface AdminGuardParts {
  callers: ServiceCallers
  sessions: Sessions
  accounts: ConsoleAccounts
}

const actors = new WeakMap<FastifyRequest, string>()

/** Who sent the request, for the audit log: the name in the service token, `operator`, or `console:NAME`. */
export function actorIn(request: FastifyRequest): string {
  const actor = actors.get(request)
  if (actor === undefined) throw new Error(`route ${request.url} reads the caller but has no guard; add it as onRequest`)
  return actor
}

/** Lets people of the console and programs with a service token through. Both need the scope of the route. */
export class AdminGuard {
  readonly #parts: AdminGuardParts
  readonly #accounts = new LRUCache<string, { roles: Session['roles'] }>({ max: ACCOUNTS, ttl: ACCOUNT_AGE_MS })

  constructor(parts: AdminGuardParts) {
    this.#parts = parts
  }

  /** Hook of the routes that need this scope. A request that changes something also needs the token of its session, which no other site can read. */
  for(scope: Scope): { onRequest: (request: FastifyRequest) => Promise<void> } {
    return {
      onRequest: guarded(scope, async (request) => {
        const cookie = request.headers.authorization === undefined ? request.cookies[SESSION_COOKIE] : undefined
        if (cookie === undefined)
          return void actors.set(request, await this.#parts.callers.callerWith(scope, request.headers.authorization, request.headers[ACTOR_HEADER]))
        const session = await this.session(cookie)
        if (session === undefined) throw new StrataError('SESSION_INVALID', { problem: 'it has ended' })
        if (!scopesOf(session.roles).includes(scope)) throw new StrataError('SCOPE_MISSING', { scope })
        if (!['GET', 'HEAD'].includes(request.method) && request.headers[CSRF_HEADER] !== session.csrf) throw new StrataError('CSRF_MISSING')
        actors.set(request, `console:${session.name}`)
      }),
    }
  }

  /** The session of a cookie, with the roles that the person has now. Undefined: it has ended, or the account is gone. */
  async session(cookie: string): Promise<Session | undefined> {
    const session = await this.#parts.sessions.open(cookie)
    if (session === undefined || session.from === 'openid') return session
    const { name } = session
    const known = this.#accounts.get(name) ?? (await this.#parts.accounts.consoleAccount(name))
    if (known === undefined) return undefined
    this.#accounts.set(name, { roles: known.roles }, { noUpdateTTL: true })
    return { ...session, roles: known.roles }
  }
}
