import type { Census } from '../../../model/census.ts'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { Policies } from '../../../model/policy/policy.ts'
import { CONSTANTS, type Constants } from '../../../score/constants.ts'
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

/** Books the time since the last round. The cost is one look at each copy. */
export function bookTime(before: Spending | undefined, input: { census: Census; policies: Policies; now: Instant; constants?: Constants }): Spending {
  const { census, policies, now, constants = CONSTANTS } = input
  const { lentMovesHours, lentCopiesHours, aimedAt, usualMoves, usualCopies, movesElasticity, copiesElasticity } = constants
  if (before === undefined) return { at: now, moves: emptyAccount(lentMovesHours), copies: emptyAccount(lentCopiesHours), closings: noClosings, closing: 0 }
  const ms = now - before.at
  if (ms <= 0 || ms > GAP_MS) return { ...before, at: now }
  let [moves, allowed, spare, beyondFirst, closing, played, need] = [0, 0, 0, 0, 0, 0, 0]
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
    moves += aimedAt * budgets.movesPerPlayerHour * players
    allowed += budgets.copies * needed
    spare += open - needed
    played += players
    need += needed
    beyondFirst += Math.max(0, present - 1)
  }
  const hours = ms / HOUR_MS
  const cost = costOfClosing(before.closings, constants)
  return {
    at: now,
    moves: settle(
      before.moves,
      {
        ...{ ms, allowed: moves * hours, spent: 0, owed: beyondFirst * cost.moves },
        usualBudget: { allowed: aimedAt * usualMoves * played * hours, elasticity: movesElasticity },
      },
      constants,
    ),
    copies: settle(
      before.copies,
      {
        ...{ ms, allowed: allowed * hours, spent: spare * hours, owed: beyondFirst * cost.copyHours },
        usualBudget: { allowed: usualCopies * need * hours, elasticity: copiesElasticity },
      },
      constants,
    ),
    closings: addClosings(before.closings, { copyHours: (before.closing * ms) / HOUR_MS }, constants),
    closing,
  }
}

export function pricesOf(spending: Spending | undefined, constants = CONSTANTS): Prices {
  return spending === undefined ? ORDINARY : { move: priceOf(spending.moves, constants), copy: priceOf(spending.copies, constants) }
}

/** Each budget by its name in the policy, for the metrics. */
export function budgetsOf({ moves, copies }: Spending): Map<string, { savedHours: number; price: number }> {
  const shown = (account: Account) => ({ savedHours: savedHours(account), price: priceOf(account) })
  return new Map([
    ['moves', shown(moves)],
    ['copies', shown(copies)],
  ])
}

/**
 * How much longer than `merge.patience` a closing copy waits for its players to leave. Waiting saves moves and costs copies. The square root, because
 * waiting twice as long saves less than half of the moves: players who have stayed long leave last.
 */
export function patienceFactor({ move, copy }: Prices, { patienceShortest, patienceLongest, muchDearer } = CONSTANTS): number {
  const ratio = move / copy
  const beyond = ratio > 1 ? Math.max(1, ratio / muchDearer) : Math.min(1, ratio * muchDearer)
  return Math.min(patienceLongest, Math.max(patienceShortest, Math.sqrt(beyond)))
}
