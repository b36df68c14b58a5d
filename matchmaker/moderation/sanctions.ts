import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { AccountId } from '../../model/ids.ts'
import { UNTIL_LIFTED } from '../../model/people/sanction.ts'
import { endSessions } from './endSessions.ts'
import { type ModerationParts, subjectNamed, wholeAccount } from './subject.ts'

/** An act of a moderator. */
export interface Act {
  actor: string
  player: string
  reason: string
}

export interface SanctionOutcome {
  account: AccountId
  until?: Instant
  /** Sessions in the world that end by it. */
  ended: number
}

/** Keeps an account out of the world, with all its characters, also those that it makes later. Sessions in the world end. */
export async function ban(moderation: ModerationParts, act: Act, until: Instant = UNTIL_LIFTED): Promise<SanctionOutcome> {
  const { account, characters } = await sanctioned(moderation, act, { action: 'ban', until })
  await moderation.accounts.setBan(account, { until, reason: act.reason })
  return { account, until, ended: await endSessions(moderation.parts, characters, 'ACCOUNT_BANNED', act.reason) }
}

/** Keeps an account from talking. */
export async function mute(moderation: ModerationParts, act: Act, until: Instant = UNTIL_LIFTED): Promise<SanctionOutcome> {
  const { account } = await sanctioned(moderation, act, { action: 'mute', until })
  await moderation.accounts.setMute(account, { until, reason: act.reason })
  return { account, until, ended: 0 }
}

export async function unban(moderation: ModerationParts, act: Act): Promise<SanctionOutcome> {
  const { account } = await sanctioned(moderation, act, { action: 'unban' })
  await moderation.accounts.setBan(account, undefined)
  return { account, ended: 0 }
}

export async function unmute(moderation: ModerationParts, act: Act): Promise<SanctionOutcome> {
  const { account } = await sanctioned(moderation, act, { action: 'unmute' })
  await moderation.accounts.setMute(account, undefined)
  return { account, ended: 0 }
}

/** Ends the sessions of a character, or of all characters of an account. They may enter again. */
export async function kick(moderation: ModerationParts, { actor, player, reason }: Act): Promise<{ account: AccountId; ended: number }> {
  const { account, characters } = await subjectNamed(moderation, player)
  await moderation.accounts.audit({ actor, action: 'kick', subject: account, reason, details: { characters } })
  return { account, ended: await endSessions(moderation.parts, characters, 'KICKED', reason) }
}

/** Writes the audit entry before the act. When the act then fails, the log shows an act that the moderator has to repeat. */
async function sanctioned(moderation: ModerationParts, { actor, player, reason }: Act, { action, until }: { action: string; until?: Instant }) {
  if (until !== undefined && (until <= moderation.parts.clock.now() || until > UNTIL_LIFTED))
    throw new StrataError('BAD_REQUEST', { problem: 'until: choose an instant in the future, before the year 9999' })
  const subject = await wholeAccount(moderation, await subjectNamed(moderation, player))
  await moderation.accounts.audit({ actor, action, subject: subject.account, reason, details: defined({ until }) })
  return subject
}
