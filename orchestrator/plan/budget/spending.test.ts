import { expect, it } from 'vitest'
import { CONSTANTS } from '../../../score/constants.ts'
import { emptyMemory, type PlanMemory } from '../action.ts'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { type Person, ToyWorld } from '../testing/toyWorld.ts'
import { emptyAccount } from './account.ts'
import { bookActions } from './bookActions.ts'
import { noClosings } from './closings.ts'
import { patienceFactor, pricesOf, type Spending } from './spending.ts'

const guild = (prefix: string, n: number): Person[] => Array.from({ length: n }, (_, i) => ({ character: `${prefix}${i}`, guild: 'G' }))
const strangers = (prefix: string, n: number): Person[] => Array.from({ length: n }, (_, i) => ({ character: `${prefix}${i}` }))
const account = (hours: number) => ({ ...emptyAccount(1), measuredHours: 2, usual: 10, left: 10 * hours })

/** Memory of a world that has saved this many hours of each budget. */
function memory(moves: number, copies: number): PlanMemory {
  const spending: Spending = { at: 1_000_000, moves: account(moves), copies: account(copies), closings: noClosings, closing: 0 }
  return { ...emptyMemory, spending }
}

it('when the moves are spent, nobody is moved for a guild that is worth the ordinary price only', () => {
  const moved = (moves: number): number => {
    const world = new ToyWorld(toyPolicy({ copies: { min: 2 }, moves: { reunite: 60, perMinute: 600 } }))
    world.memory = memory(moves, 0)
    world.addCopy([...guild('a', 16), ...strangers('s', 14)])
    world.addCopy([...guild('b', 1), ...strangers('t', 19)])
    for (let i = 0; i < 60; i++) world.round()
    return world.moved.length
  }
  expect(moved(0)).toBe(1)
  expect(moved(-6)).toBe(0)
})

it('when the moves are spent, a closing copy waits longer for its players to leave', () => {
  const closedAfter = (moves: number): number => {
    const world = new ToyWorld(toyPolicy({ merge: { below: '40%', into: '85%', minAge: '10s', cancelAbove: '55%', patience: '5m', rest: 0, deadline: '30m' } }))
    world.memory = memory(moves, 0)
    world.addCopy(strangers('a', 12))
    world.addCopy(strangers('b', 5))
    for (let seconds = 0; seconds < 3_600; seconds += 5) {
      if (world.copies.size === 1) return seconds
      world.round(5_000)
    }
    return Number.POSITIVE_INFINITY
  }
  expect(closedAfter(-9)).toBeGreaterThan(closedAfter(0) + 60)
  expect(closedAfter(-9)).toBeLessThan(1_800)
})

it('when the copies are spent, a copy for company opens later', () => {
  const playersAtOpening = (copies: number): number => {
    const world = new ToyWorld(toyPolicy({ merge: { below: '1%' } }))
    world.memory = memory(0, copies)
    world.addCopy()
    for (let n = 0; n < 200; n++) {
      const roomiest = [...world.copies].sort(([, a], [, b]) => a.seats.size - b.seats.size)[0]?.[0] ?? ''
      world.seat(roomiest, { character: `p${n}`, guild: `g${n % 5}` })
      for (let i = 0; i < 10; i++) world.round()
      if (world.copies.size === 3) return world.players
    }
    return Number.POSITIVE_INFINITY
  }
  expect(playersAtOpening(-9)).toBeGreaterThan(playersAtOpening(0) + 3)
})

it('the patience stays while the prices are within a factor of two of each other, and has limits', () => {
  for (const [move, copy] of [
    [1, 1],
    [2, 1],
    [3, 5],
  ] as const)
    expect(patienceFactor({ move, copy })).toBe(1)
  expect(patienceFactor({ move: 8, copy: 1 })).toBe(2)
  expect(patienceFactor({ move: 1, copy: 8 })).toBe(0.5)
  expect(patienceFactor({ move: 55, copy: 1 })).toBe(4)
})

it('moves of a drain and of an operator are not spending of the planner', () => {
  const { spending } = memory(1, 0)
  const move = { type: 'move' as const, map: 'forest', from: 'a', to: 'b', characters: ['x', 'y'], deadline: 0, why: '' }
  const left = (cause: 'merge' | 'drain' | 'operator' | 'relief') => bookActions(spending as Spending, [{ ...move, cause }]).moves.left
  expect([left('merge'), left('relief'), left('drain'), left('operator')]).toEqual([8, 8, 10, 10])
  expect(pricesOf(undefined)).toEqual({ move: 1, copy: 1 })
})

it('the defaults of the policy begin at the ordinary price', () => {
  const { budgets } = toyPolicy()
  expect(budgets).toEqual({ movesPerPlayerHour: CONSTANTS.usualMoves, copies: CONSTANTS.usualCopies })
})
