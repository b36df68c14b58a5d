import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CATCH_UP_MS, TimeBudget } from './timeBudget.ts'

const STEP_MS = 50

it('F1: however the claims arrive, they never count for more than the time that has passed since the arrival', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ afterMs: fc.nat(3_000), claimMs: fc.nat(5_000) }), { maxLength: 200 }), (claims) => {
      const budget = new TimeBudget({ now: 0 })
      let [now, granted] = [0, 0]
      for (const { afterMs, claimMs } of claims) {
        now += afterMs
        const { grantedMs } = budget.take(claimMs, now)
        expect(grantedMs).toBeLessThanOrEqual(CATCH_UP_MS + 100)
        granted += grantedMs
        expect(granted).toBeLessThanOrEqual(now * 1.02 + 100 + 1e-6)
      }
    }),
  )
})

it('F1: a client that is held back cannot save time for later: after a minute of silence it catches up two seconds', () => {
  const budget = new TimeBudget({ now: 0 })
  expect(budget.take(60_000, 60_000).grantedMs).toBeCloseTo(CATCH_UP_MS + 100)
  expect(budget.take(1_000, 60_000).grantedMs).toBe(0)
})

it('a client that claims 1.1 times the time that passes is found within seconds', () => {
  const budget = new TimeBudget({ now: 0 })
  const claims = Array.from({ length: 100 }, (_, n) => budget.take(STEP_MS * 1.1, STEP_MS * (n + 1)).impossibleMs)
  expect(claims.some((impossibleMs) => impossibleMs > 0)).toBe(true)
})

it('a clock that was set back gives no time', () => {
  const budget = new TimeBudget({ now: 10_000 })
  budget.take(100, 10_000)
  expect(budget.take(50, 5_000)).toEqual({ grantedMs: 0, impossibleMs: 50 })
})
