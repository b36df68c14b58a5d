import type { CryptoKey } from 'jose'
import type { Clock } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import { MAX_CALLER_LENGTH, type Scope, type ServiceCaller, scopes, verifyServiceToken } from '../../model/ticket/serviceToken.ts'
import { isBearer } from './bearer.ts'

/**
 * With the operator's token: the person for whom a process of Strata calls, percent-encoded, for the audit log. The holder of that token may do everything anyway.
 */
export const ACTOR_HEADER = 'strata-actor'

/** Longest service token that is verified, in characters. A token with all scopes has about 350. */
const MAX_TOKEN_LENGTH = 4_096

export interface ServiceCallerOptions {
  clock: Clock
  /** Accepted public keys; read again with each request, because they rotate. Without keys no service token is valid. */
  keys(): readonly CryptoKey[]
  /** The operator's token: the caller is `operator` and has every scope. */
  operatorToken?: string
}

/** Tells who calls a route that is not for players: the operator, or a program of the studio with a service token. */
export class ServiceCallers {
  readonly #options: ServiceCallerOptions

  constructor(options: ServiceCallerOptions) {
    this.#options = options
  }

  /** The caller's name. `actor`: the header ACTOR_HEADER. Throws SERVICE_TOKEN or SCOPE_MISSING; OPERATOR_TOKEN instead of SERVICE_TOKEN for the scope `operator`. */
  async callerWith(scope: Scope, authorization: string | undefined, actor?: string | string[]): Promise<string> {
    const { name, scopes: granted } = await this.#caller(authorization, actor).catch((error: unknown) => {
      if (scope === 'operator') throw new StrataError('OPERATOR_TOKEN', {}, { cause: error })
      throw error
    })
    if (!granted.has(scope)) throw new StrataError('SCOPE_MISSING', { scope })
    return name
  }

  async #caller(authorization: string | undefined, actor: string | string[] | undefined): Promise<ServiceCaller> {
    const { operatorToken, keys, clock } = this.#options
    if (operatorToken !== undefined && isBearer(operatorToken, authorization)) return { name: actorFrom(actor) ?? 'operator', scopes: new Set(scopes) }
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) throw new StrataError('SERVICE_TOKEN', { problem: 'the request has none' })
    if (token.length > MAX_TOKEN_LENGTH) throw new StrataError('SERVICE_TOKEN', { problem: 'the token is too long' })
    try {
      return await verifyServiceToken(token, keys(), clock.now())
    } catch (error) {
      throw new StrataError('SERVICE_TOKEN', { problem: error instanceof Error ? error.message : 'unreadable' }, { cause: error })
    }
  }
}

function actorFrom(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined
  try {
    return decodeURIComponent(header).slice(0, MAX_CALLER_LENGTH)
  } catch {
    return undefined // not percent-encoded: the audit log says `operator`
  }
}
