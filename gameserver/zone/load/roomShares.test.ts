import { expect, it } from 'vitest'
import { RoomShares } from './roomShares.ts'

function sharesOf(stepsMs: Record<string, number>): RoomShares {
  const shares = new RoomShares()
  for (let n = 0; n < 200; n++) for (const [copy, tookMs] of Object.entries(stepsMs)) shares.record(copy, tookMs, 50)
  return shares
}

it('L2: the room that uses too much gives way, and the others do not', () => {
  const shares = sharesOf({ greedy: 60, small: 5, tiny: 1 })
  expect(shares.of('greedy')).toBeCloseTo(1.2)
  expect(['greedy', 'small', 'tiny'].map((copy) => shares.hasToGiveWay(copy))).toEqual([true, false, false])
  shares.forget('greedy')
  expect(['small', 'tiny'].map((copy) => shares.hasToGiveWay(copy))).toEqual([true, true])
})

it('L2: a room alone may use the whole thread, and gives way when its steps are late', () => {
  const shares = sharesOf({ only: 49 })
  expect([shares.exceedsFairShare('only'), shares.hasToGiveWay('only')]).toEqual([false, true])
})
