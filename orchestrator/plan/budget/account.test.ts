import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Account, emptyAccount, priceOf, savedHours, settle, spend } from './account.ts'

const HOUR = 3_600_000
const STEP = 60_000

/** The account after `hours`, in steps of a minute: 10 units an hour are allowed, and `spends` says how many are spent at the price. */
function run(hours: number, spends: (price: number, hour: number) => number, start: Account = begun()): { account: Account; spent: number; prices: number[] } {
  let [account, spent] = [start, 0]
  const prices: number[] = []
  for (let at = 0; at < hours * HOUR; at += STEP) {
    const price = priceOf(account)
    const rate = spends(price, at / HOUR)
    spent += (rate * STEP) / HOUR
    account = settle(account, { ms: STEP, allowed: (10 * STEP) / HOUR, spent: (rate * STEP) / HOUR, owed: 0 })
    prices.push(price)
  }
  return { account, spent, prices }
}

/** An account that has been measured for its first hour. */
function begun(): Account {
  let account = emptyAccount(1.5)
  for (let minute = 0; minute <= 60; minute++) account = settle(account, { ms: STEP, allowed: 10 / 60, spent: 30 / 60, owed: 5 })
  return { ...account, left: 0, owed: 0, lasting: 0 }
}

describe('the account of a budget', () => {
  it('owes nothing for its first hour, in which a world opens the copies for all players that it has', () => {
    let account = emptyAccount(1.5)
    for (let minute = 0; minute < 59; minute++) account = spend(settle(account, { ms: STEP, allowed: 1, spent: 50, owed: minute }), 7)
    expect(account.left).toBe(0)
    expect(priceOf(account)).toBe(1)
  })

  it('asks the ordinary price while no more is spent than allowed, and saves six hours at most', () => {
    const { account, prices } = run(48, () => 4)
    expect(Math.max(...prices)).toBe(1)
    expect(savedHours(account)).toBeCloseTo(6)
  })

  it('asks more the further it is overdrawn, and the ordinary price again some time after the demand has gone', () => {
    const { account, prices } = run(12, () => 15)
    expect(prices[119]).toBe(1)
    for (let n = 121; n < prices.length; n++) expect(prices[n]).toBeGreaterThanOrEqual(prices[n - 1] ?? 0)
    expect(prices.at(-1)).toBeGreaterThan(3)
    expect(run(72, () => 1, account).prices.at(-1)).toBe(1)
  })

  it('holds the budget for demands up to three times as large: over the first day but for a few hours, over the second week within 3 %, and comes to rest', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 3, noNaN: true }), fc.double({ min: 0.5, max: 1.5, noNaN: true }), (demand, elasticity) => {
        const spends = (price: number): number => (10 * demand) / price ** elasticity
        const first = run(24, spends)
        expect(first.spent).toBeLessThan(240 * 1.15)
        const { account } = run(144, spends, first.account)
        const { spent, prices } = run(168, spends, account)
        expect(spent).toBeLessThan(1_680 * 1.03)
        expect(Math.max(...prices) / Math.min(...prices)).toBeLessThan(1.6)
      }),
      { numRuns: 20 },
    )
  })

  it('begins at a lower price for a larger budget and at a higher one for a smaller budget, at once when a designer changes it', () => {
    const priceWith = (allowed: number): number =>
      priceOf(settle(begun(), { ms: STEP, allowed, spent: allowed, owed: 0, usualBudget: { allowed: 10 / 60, elasticity: 2 } }))
    expect(priceWith(10 / 60)).toBe(1)
    expect(priceWith(20 / 60)).toBeCloseTo(1 / 4)
    expect(priceWith(5 / 60)).toBeCloseTo(4)
    expect(priceWith(0)).toBeCloseTo(Math.exp(4))
  })

  it('books the cost of closing a copy when the copy opens, and gives it back when the copy is gone', () => {
    const opened = settle(begun(), { ms: STEP, allowed: 0, spent: 0, owed: 40 })
    expect(savedHours(opened)).toBeLessThan(-3.9)
    expect(priceOf(opened)).toBeGreaterThan(2)
    expect(savedHours(settle(opened, { ms: STEP, allowed: 0, spent: 0, owed: 0 }))).toBeCloseTo(0)
  })
})
