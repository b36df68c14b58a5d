import type { Instant } from '../clock.ts'
import { StrataError } from '../errors.ts'

/** End of a ban or a mute without an end: a date that every process can write and read. */
export const UNTIL_LIFTED: Instant = Date.UTC(9999, 0)

/** A ban or a mute. Past `until` it has no effect. */
interface Sanction {
  until: Instant
  reason: string
}

/** Throws ACCOUNT_BANNED while the ban lasts. */
export function refuseBanned(ban: Sanction | undefined, now: Instant): void {
  const error = banError(ban, now)
  if (error !== undefined) throw error
}

/** ACCOUNT_BANNED while the ban lasts; else undefined. */
export function banError(ban: Sanction | undefined, now: Instant): StrataError | undefined {
  return ban !== undefined && ban.until > now ? new StrataError('ACCOUNT_BANNED', { until: untilText(ban.until), reason: ban.reason }) : undefined
}

/** The end of a sanction in a message to its player. */
export function untilText(until: Instant): string {
  return until >= UNTIL_LIFTED ? 'a moderator lifts it' : new Date(until).toISOString()
}
