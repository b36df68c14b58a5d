import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Cooldowns } from './cooldowns.ts'
import { PositionHistory } from './positionHistory.ts'
import { type Aim, checkTarget } from './targetCheck.ts'
import { GridWalls } from './walls/gridWalls.ts'

const STEP_MS = 50
const COOLDOWN_MS = 1_000

/** A target that runs away to the right at 6 m/s for two seconds, from (1, 0). The actor stands at (0, 0). */
function chase() {
  const history = new PositionHistory(2_000, STEP_MS)
  const xAt = (at: number): number => 1 + (6 * at) / 1000
  for (let now = 0; now <= 2_000; now += STEP_MS) {
    history.record(1, { x: 0, y: 0 }, now)
    history.record(2, { x: xAt(now), y: 0 }, now)
  }
  const aim = (more: Partial<Aim>): Aim => ({ actor: { id: 1, x: 0, y: 0 }, target: 2, seenAt: 2_000, ...more })
  const judge = (more: Partial<Aim>) => checkTarget(aim(more), history, (id) => (id === 2 ? { x: xAt(2_000), y: 0 } : undefined), 2_000)
  return { history, xAt, judge }
}

it('F2: over any time an action is used no more often than its cool-down allows, however its uses arrive', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_500), { maxLength: 200 }), (gaps) => {
      const cooldowns = new Cooldowns()
      let [now, uses] = [0, 0]
      for (const gap of gaps) {
        now += gap
        if (!cooldowns.attempt('slash', COOLDOWN_MS, now).ready) continue
        cooldowns.use('slash', COOLDOWN_MS, now)
        uses++
      }
      expect(uses).toBeLessThanOrEqual(now / COOLDOWN_MS + 1.25)
    }),
  )
})

it('F3: uses that a stall of 10 s brings at once are refused and are no violation; a client that does not wait at all is found', () => {
  const stalled = new Cooldowns()
  expect(Array.from({ length: 10 }, () => stalled.attempt('slash', COOLDOWN_MS, 10_000).impossible)).not.toContain(true)
  const cheat = new Cooldowns()
  const found = Array.from({ length: 100 }, (_, n) => cheat.attempt('slash', COOLDOWN_MS, n * 100).impossible)
  expect(found.filter((one) => one).length).toBeGreaterThan(50)
})

it('positions are rewound between two steps, to the oldest kept one, and never into the future', () => {
  const { history, xAt } = chase()
  expect(history.at(2, 1_525)?.x).toBeCloseTo(xAt(1_525))
  expect(history.at(2, 9_999)?.x).toBeCloseTo(xAt(2_000))
  expect(history.at(2, -9_999)?.x).toBeCloseTo(xAt(0))
  expect(history.at(3, 0)).toBeUndefined()
  history.forgetOlder(5_000)
  expect(history.at(2, 1_500)).toBeUndefined()
})

it('F2: an action counts when the target was in range for the player, at most 700 ms ago', () => {
  const { judge, xAt } = chase()
  expect(judge({ rangeM: 10, seenAt: 1_400 })).toEqual({ at: { x: xAt(1_400), y: 0 } })
  expect(judge({ rangeM: 10, seenAt: 2_000 })).toMatchObject({ refused: 'range' })
  // 8 m is in range 1,000 ms ago only: refused, and no violation, because the player may have seen it.
  expect(judge({ rangeM: 8, seenAt: 0 })).toEqual({ at: { x: xAt(1_300), y: 0 }, refused: 'range' })
  expect(judge({ rangeM: 0.5, seenAt: 0 })).toMatchObject({ refused: 'range', violation: { kind: 'range', evidence: { rangeM: 0.5 } } })
  expect(judge({ target: 99 })).toEqual({})
})

it('F2: an action through a wall is refused, and a violation when the wall was there all the time', () => {
  const { judge } = chase()
  const low = GridWalls.fromText(['.'.repeat(30), '.'.repeat(30)], { left: -5, top: -1, cellM: 1 })
  const wall = GridWalls.fromText([`......#${'.'.repeat(24)}`, `......#${'.'.repeat(24)}`], { left: -5.5, top: -1, cellM: 1 })
  expect(judge({ sight: low })).not.toHaveProperty('refused')
  expect(judge({ sight: wall })).toMatchObject({ refused: 'sight', violation: { kind: 'sight' } })
})
