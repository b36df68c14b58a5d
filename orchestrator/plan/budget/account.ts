import type { DurationMs } from '../../../model/clock.ts'
import { CONSTANTS } from '../../../score/constants.ts'

/**
 * What may be spent of one budget and what was spent, in the unit of the budget: moves, or copy-hours. The price follows from it. For a usual budget it is 1
 * while the budget suffices, for another one less or more (`first`), and it rises when too much is spent; whatever spends the budget weighs its gain against the price, so that a higher price buys less.
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
  /** Price at which the account begins, as a natural logarithm: 0 for the usual budget, less for a larger one, more for a smaller one (`Entry.usualBudget`). */
  first: number
  /** The lasting part of the price, as a natural logarithm. It rises while the account is overdrawn and stays when the account is level again. */
  lasting: number
  /** Hours of the usual allowance that may be overdrawn before the price rises: a later hour pays them back. */
  lentHours: number
}

/** `lentHours`: overdraft before the price rises. */
export function emptyAccount(lentHours: number): Account {
  return { left: 0, usual: 0, measuredHours: 0, owed: 0, first: 0, lasting: 0, lentHours }
}

const HOUR_MS: DurationMs = 3_600_000
const DAY_HOURS = 24

/** What was allowed and what was spent within `ms`. `owed`: what closing the copies that are open now will cost. */
export interface Entry {
  ms: DurationMs
  allowed: number
  spent: number
  owed: number
  /** What the usual budget would have allowed, and how much the price changes with the budget: by `elasticity` times as many percent as the budget. */
  usualBudget?: { allowed: number; elasticity: number }
}

/** The account after `ms`. */
export function settle(account: Account, { ms, allowed, spent, owed, usualBudget }: Entry, constants = CONSTANTS): Account {
  const hours = ms / HOUR_MS
  if (hours <= 0) return account
  const measuredHours = Math.min(DAY_HOURS, account.measuredHours + hours)
  const usual = account.usual + ((allowed / hours - account.usual) * hours) / measuredHours
  const first = usualBudget === undefined || usualBudget.allowed === 0 ? account.first : usualBudget.elasticity * Math.log(usualBudget.allowed / allowed)
  if (account.measuredHours < constants.accountBeginsHours) return { ...account, usual, measuredHours, owed, first }
  const left = Math.min(constants.savedHours * usual, account.left + allowed - spent - (owed - account.owed))
  const settled = { ...account, left, usual, measuredHours, owed, first }
  const saved = savedHours(settled)
  const beyond = Math.min(0, saved + account.lentHours) + Math.max(0, saved - constants.ampleHours)
  return { ...settled, lasting: clamp(account.lasting - (beyond * hours) / constants.lastingHours ** 2, 0, constants.highestPrice) }
}

/** Books what a round has just spent. */
export function spend(account: Account, spent: number, { accountBeginsHours } = CONSTANTS): Account {
  return account.measuredHours < accountBeginsHours ? account : { ...account, left: account.left - spent }
}

/** What is left, in hours of the usual allowance; negative when the account is overdrawn. */
export function savedHours({ left, usual }: Account): number {
  return usual === 0 ? 0 : left / usual
}

/** The price, as a factor of the ordinary one: `e ** -highestPrice` to `e ** highestPrice`, and at least 1 for a usual budget. */
export function priceOf(account: Account, constants = CONSTANTS): number {
  const passing = Math.max(0, -savedHours(account) - account.lentHours) / constants.passingHours
  return Math.exp(clamp(account.first + account.lasting + passing, -constants.highestPrice, constants.highestPrice))
}

function clamp(logarithm: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, logarithm))
}
