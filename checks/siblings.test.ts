import { expect, it } from 'vitest'
import { mutualSiblings } from './siblings.ts'

it('names two sibling folders that import each other, with one import of each direction', () => {
  const there = { from: 'house/queue/line.ts', to: 'house/score/rank.ts' }
  const back = { from: 'house/score/deep/price.ts', to: 'house/queue/turn.ts' }
  expect(mutualSiblings([there, back])).toBe(
    'house/queue and house/score import each other: house/queue/line.ts → house/score/rank.ts, house/score/deep/price.ts → house/queue/turn.ts',
  )
})

it('allows one direction, and imports between a folder and its parent', () => {
  const oneWay = { from: 'house/queue/line.ts', to: 'house/score/rank.ts' }
  const down = { from: 'house/main.ts', to: 'house/score/rank.ts' }
  const up = { from: 'house/score/rank.ts', to: 'house/parts.ts' }
  expect(mutualSiblings([oneWay, down, up])).toBe('')
})
