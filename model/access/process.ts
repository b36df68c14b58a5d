/** The kinds of process with rights of their own in PostgreSQL and in Redis. */
export type ProcessKind = 'gameserver' | 'matchmaker' | 'orchestrator'
/** The name of each kind as a role of PostgreSQL and as a user of Redis. */
export const roles = {
  gameserver: 'strata_gameserver',
  matchmaker: 'strata_matchmaker',
  orchestrator: 'strata_orchestrator',
} as const satisfies Record<ProcessKind, string>
/** Passwords of the roles, by process. */
export type RolePasswords = Partial<Record<ProcessKind, string>>
