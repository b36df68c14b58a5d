import { expect, it } from 'vitest'
import type { Sample } from '../sample.ts'
import { worstMoves } from './worstSpan.ts'

/** A hundred players all day; in each five minutes as many moves as listed. */
function samples(moves: readonly number[]): Sample[] {
  const sums = [0, ...moves].map((_, index) => moves.slice(0, index).reduce((sum, more) => sum + more, 0))
  return sums.map((sum, index) => ({ at: 300 * index, players: 100, copies: 1, waiting: 0, moves: sum }))
}

it('finds the span with most moves per player-hour, after the warm-up', () => {
  const day = samples([50, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  expect(worstMoves(day, 600, 300)).toBeCloseTo(7 / (100 / 6))
  expect(worstMoves(day, 3600, 300)).toBeCloseTo(7 / 100)
  expect(worstMoves(day, 600, 0)).toBeCloseTo(50 / (100 / 6))
  expect(worstMoves(day, 600, 1500)).toBeCloseTo(1 / (100 / 6))
  expect(worstMoves(samples([5]), 3600, 0)).toBe(0)
  expect(worstMoves([], 3600, 0)).toBe(0)
})
