import type { DurationMs } from '../../../model/clock.ts'

/**
 * What may be spent of one budget and what was spent, in the unit of the budget: moves, or copy-hours. The price follows from it. It is 1 while the budget
 * suffices and rises when too much is spent; whatever spends the budget weighs its gain against the price, so that a higher price buys less.
 */
export interface Account {
  /** Allowed less spent, less what closing the open copies will cost (`owed`). Negative: more was spent than was allowed. */
  left: number
  /** Usual allowance per hour: the mean since the beginning, of a day at most. */
  usual: number
  /** For how many hours the allowance was measured, a day at most. */
  measuredHours: number
  /** What closing the open copies will cost. It is booked when a copy opens, so that an evening that opens fifty copies saves for the night. */
  owed: number
  /** The lasting part of the price, as a natural logarithm. It rises while the account is overdrawn and stays when the account is level again. */
  lasting: number
  /** Hours of the usual allowance that may be overdrawn before the price rises: a later hour pays them back. */
  lentHours: number
}

/** `lentHours`: overdraft before the price rises. */
export function emptyAccount(lentHours: number): Account {
  return { left: 0, usual: 0, measuredHours: 0, owed: 0, lasting: 0, lentHours }
}

const HOUR_MS: DurationMs = 3_600_000
const DAY_HOURS = 24
/** Time until the account begins, in hours: a world that has just started opens the copies for all players that it has, and owes nothing for them. */
const BEGINS_AFTER_HOURS = 1
/** Most that is saved for later, in hours of the usual allowance: a calm afternoon pays for the evening, and a calm week does not. */
const SAVED_HOURS = 6
/** From this many hours of savings on, the lasting part of the price falls. */
const AMPLE_HOURS = 2
/** Hours of overdraft beyond what is lent that raise the price by the factor e for as long as they last. */
const PASSING_HOURS = 2.5
/** An overdraft of one hour that lasts this long, squared, raises the lasting part of the price by the factor e. */
const LASTING_HOURS = 3
/** Highest price, as a logarithm: about 55 times the ordinary one. */
const HIGHEST = 4

/** What was allowed and what was spent within `ms`. `owed`: what closing the copies that are open now will cost. */
export interface Entry {
  ms: DurationMs
  allowed: number
  spent: number
  owed: number
}

/** The account after `ms`. */
export function settle(account: Account, { ms, allowed, spent, owed }: Entry): Account {
  const hours = ms / HOUR_MS
  if (hours <= 0) return account
  const measuredHours = Math.min(DAY_HOURS, account.measuredHours + hours)
  const usual = account.usual + ((allowed / hours - account.usual) * hours) / measuredHours
  if (account.measuredHours < BEGINS_AFTER_HOURS) return { ...account, usual, measuredHours, owed }
  const left = Math.min(SAVED_HOURS * usual, account.left + allowed - spent - (owed - account.owed))
  const settled = { ...account, left, usual, measuredHours, owed }
  const saved = savedHours(settled)
  const beyond = Math.min(0, saved + account.lentHours) + Math.max(0, saved - AMPLE_HOURS)
  return { ...settled, lasting: clamp(account.lasting - (beyond * hours) / LASTING_HOURS ** 2) }
}

/** Books what a round has just spent. */
export function spend(account: Account, spent: number): Account {
  return account.measuredHours < BEGINS_AFTER_HOURS ? account : { ...account, left: account.left - spent }
}

/** What is left, in hours of the usual allowance; negative when the account is overdrawn. */
export function savedHours({ left, usual }: Account): number {
  return usual === 0 ? 0 : left / usual
}

/** The price, as a factor of the ordinary one: 1 to `e ** HIGHEST`. */
export function priceOf(account: Account): number {
  return Math.exp(clamp(account.lasting + Math.max(0, -savedHours(account) - account.lentHours) / PASSING_HOURS))
}

function clamp(logarithm: number): number {
  return Math.min(HIGHEST, Math.max(0, logarithm))
}
