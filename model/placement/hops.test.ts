import fc from 'fast-check'
import { expect, it } from 'vitest'
import { afterHop, type HopHistory, hopWaitMs } from './hops.ts'

const MINUTE = 60_000
const cooldown = { firstMs: MINUTE, factor: 2, maxMs: 60 * MINUTE, forgetMs: 360 * MINUTE }

it('doubles the wait with each hop in a row, up to the maximum', () => {
  const waits: number[] = []
  let history: HopHistory | undefined
  let now = 0
  for (let hop = 0; hop < 9; hop++) {
    history = afterHop(history, { ...cooldown, forgetMs: Number.MAX_SAFE_INTEGER }, `c${hop}`, now)
    waits.push(Math.round(hopWaitMs(history, cooldown, now) / MINUTE))
    now += hopWaitMs(history, cooldown, now)
    expect(hopWaitMs(history, cooldown, now)).toBe(0)
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
})

it('shortens the next wait while the player stays in one copy, and resets it after `forget`', () => {
  let history: HopHistory | undefined
  for (let hop = 0; hop < 4; hop++) history = afterHop(history, cooldown, 'c', hop)
  const next = (hours: number) => hopWaitMs(afterHop(history, cooldown, 'd', hours * 60 * MINUTE), cooldown, hours * 60 * MINUTE) / MINUTE
  expect(next(0)).toBeCloseTo(16, 0)
  expect(next(3)).toBeCloseTo(4, 0)
  expect(next(6)).toBeCloseTo(1)
})

it('limits a player who hops at every opportunity to about three hops an hour', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 * MINUTE }), { minLength: 20, maxLength: 200 }), (pauses) => {
      let history: HopHistory | undefined
      let [now, hops] = [0, 0]
      for (const pause of pauses) {
        now += pause
        if (hopWaitMs(history, cooldown, now) > 0) continue
        history = afterHop(history, cooldown, `c${hops++}`, now)
        expect(hopWaitMs(history, cooldown, now)).toBeGreaterThanOrEqual(cooldown.firstMs)
        expect(hopWaitMs(history, cooldown, now)).toBeLessThanOrEqual(cooldown.maxMs)
      }
      // About four hops in the first 15 minutes; later the decay of the level allows about one hop in 20 minutes.
      expect(hops).toBeLessThanOrEqual(6 + now / (20 * MINUTE))
    }),
  )
})
