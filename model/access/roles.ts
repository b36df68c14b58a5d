import type { Scope } from '../ticket/serviceToken.ts'

/** What people may be in the console. A person may have several roles. */
export const roles = ['viewer', 'designer', 'moderator', 'operator'] as const
export type Role = (typeof roles)[number]

/** What each role may do, as scopes of the access table. An operator may do everything in the console. */
const scopesOfRole: Record<Role, readonly Scope[]> = {
  viewer: ['view'],
  designer: ['view', 'policies'],
  moderator: ['view', 'moderation'],
  operator: ['view', 'policies', 'moderation', 'operator'],
}

export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text)
}

/** The scopes of all these roles together. */
export function scopesOf(granted: readonly Role[]): Scope[] {
  return [...new Set(granted.flatMap((role) => scopesOfRole[role]))]
}
