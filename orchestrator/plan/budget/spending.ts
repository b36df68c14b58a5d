import type { Census } from '../../../model/census.ts'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { Policies } from '../../../model/policy/policy.ts'
import { type Account, emptyAccount, priceOf, savedHours, settle } from './account.ts'
import { addClosings, type Closings, costOfClosing, noClosings } from './closings.ts'

/** What the world has spent of the budgets of its policies. All maps pay into the same two accounts and are paid from them. */
export interface Spending {
  at: Instant
  /** Moves that players did not ask for, in characters (`budgets.moves`). */
  moves: Account
  /** Copies beyond the fewest that would hold the players, in copy-hours (`budgets.copies`). */
  copies: Account
  closings: Closings
  /** Copies in the state `closing`, after the last round. */
  closing: number
}

/** Prices as factors of the ordinary ones. */
export interface Prices {
  move: number
  copy: number
}

export const ORDINARY: Prices = { move: 1, copy: 1 }

const HOUR_MS: DurationMs = 3_600_000
/** A longer pause between two rounds, as after a change of leader, counts neither as allowance nor as spending. */
const GAP_MS: DurationMs = 60_000
/**
 * Hours of the usual allowance that each account may be overdrawn. An evening needs spare copies that the night gives back, when most maps have one copy; moves are
 * charged before they are made. Recorded day, seed 4: guild pairs .9706 with two hours for copies and .9695 with one and a half.
 */
const LENT_HOURS = { moves: 1, copies: 2 }
/**
 * Share of the moves that is aimed at. The rest covers a first evening, whose moves are ordered before the price has found its level: on the recorded day, seed 5,
 * .00998 a player-hour, and .01002 with .98. Copies need none, because most nights need fewer than the budget allows.
 */
const AIMED_AT = 0.97

/** Books the time since the last round. The cost is one look at each copy. */
export function bookTime(before: Spending | undefined, { census, policies, now }: { census: Census; policies: Policies; now: Instant }): Spending {
  if (before === undefined) return { at: now, moves: emptyAccount(LENT_HOURS.moves), copies: emptyAccount(LENT_HOURS.copies), closings: noClosings, closing: 0 }
  const ms = now - before.at
  if (ms <= 0 || ms > GAP_MS) return { ...before, at: now }
  let [moves, allowed, spare, beyondFirst, closing] = [0, 0, 0, 0, 0]
  for (const [map, { kind, capacity, budgets }] of policies) {
    if (kind === 'instance') continue
    let [players, open, present] = [0, 0, 0]
    for (const { copy, seats } of census.maps.get(map)?.copies.values() ?? []) {
      players += seats.size
      if (copy.state === 'open' || copy.state === 'closing') open++
      if (copy.state === 'closing') closing++
      if (copy.state !== 'lost') present++
    }
    const needed = Math.max(1, Math.ceil(players / capacity.hard))
    moves += AIMED_AT * budgets.movesPerPlayerHour * players
    allowed += budgets.copies * needed
    spare += open - needed
    beyondFirst += Math.max(0, present - 1)
  }
  const hours = ms / HOUR_MS
  const cost = costOfClosing(before.closings)
  return {
    at: now,
    moves: settle(before.moves, { ms, allowed: moves * hours, spent: 0, owed: beyondFirst * cost.moves }),
    copies: settle(before.copies, { ms, allowed: allowed * hours, spent: spare * hours, owed: beyondFirst * cost.copyHours }),
    closings: addClosings(before.closings, { copyHours: (before.closing * ms) / HOUR_MS }),
    closing,
  }
}

export function pricesOf(spending: Spending | undefined): Prices {
  return spending === undefined ? ORDINARY : { move: priceOf(spending.moves), copy: priceOf(spending.copies) }
}

/** Each budget by its name in the policy, for the metrics. */
export function budgetsOf({ moves, copies }: Spending): Map<string, { savedHours: number; price: number }> {
  const shown = (account: Account) => ({ savedHours: savedHours(account), price: priceOf(account) })
  return new Map([
    ['moves', shown(moves)],
    ['copies', shown(copies)],
  ])
}

/** Limits of `patienceFactor`. */
const [SHORTEST, LONGEST] = [0.25, 4]
/** Ratio of the two prices up to which the patience stays as the policy says. */
const MUCH_DEARER = 2

/**
 * How much longer than `merge.patience` a closing copy waits for its players to leave. Waiting saves moves and costs copies. The square root, because
 * waiting twice as long saves less than half of the moves: players who have stayed long leave last.
 */
export function patienceFactor({ move, copy }: Prices): number {
  const ratio = move / copy
  const beyond = ratio > 1 ? Math.max(1, ratio / MUCH_DEARER) : Math.min(1, ratio * MUCH_DEARER)
  return Math.min(LONGEST, Math.max(SHORTEST, Math.sqrt(beyond)))
}
