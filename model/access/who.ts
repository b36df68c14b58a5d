import type { Scope } from '../ticket/serviceToken.ts'

/**
 * Who may call a route:
 * - `anyone`: without a token.
 * - `development`: anyone, while the development login is on; otherwise nobody.
 * - `account`: a player's session.
 * - `character`: a player's session of an account that owns the character which the request names, or owns only one.
 * - `own character or operator`: a session of the character in the path, or the scope `operator`.
 * - a scope: a service token with this scope, or the operator's token.
 */
export type Who = 'anyone' | 'development' | 'account' | 'character' | 'own character or operator' | Scope

/** Who may call each route of an API; the key is method and path. */
export type AccessTable = Readonly<Record<string, Who>>

/** Health, readiness and metrics of every process. In a cluster no Service or Ingress for players leads to them. */
export const probeAccess = { 'GET /healthz': 'anyone', 'GET /readyz': 'anyone', 'GET /metrics': 'anyone' } as const satisfies AccessTable
