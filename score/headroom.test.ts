import fc from 'fast-check'
import { expect, it } from 'vitest'
import { reserveOf, strangersLimit } from './headroom.ts'
import { rank } from './rank.ts'
import { copyOf, holderOf, mapOf, now, policyOf, requestOf, serversOf } from './testing/worlds.ts'

const MINUTE = 60_000
const policy = policyOf({ capacity: { soft: 20, hard: 20, company: 6, headroom: { halfLife: '5m' } } })
const inside = (count: number, expects?: number, from = 0) =>
  Array.from({ length: count }, (_, n) => holderOf(`c${from + n}`, expects === undefined ? {} : { expects }))

it('P3: strangers leave seats free for expected company of the players inside, and none when no company is expected', () => {
  expect(strangersLimit(copyOf('a', inside(18)), policy, now, 1)).toBe(20)
  expect(strangersLimit(copyOf('a', inside(18, 0.25)), policy, 0, 1)).toBe(20 - 5)
  const full = copyOf('a', [...inside(14), ...inside(2, 2, 50)])
  const limitOf = (...holders: ReturnType<typeof holderOf>[]) =>
    rank(requestOf(holders, { friends: ['c50'] }), mapOf(full), { policy, servers: serversOf({ beat: 0 }), now: 0 }).options[0]?.limit
  expect(limitOf(holderOf('c99'))).toBe(20)
  expect(rank(requestOf([holderOf('c99')]), mapOf(full), { policy, servers: serversOf({ beat: 0 }), now: 0 }).candidates[0]).toMatchObject({
    filtered: 'soft cap',
    limit: 16,
  })
})

it('the reserve halves with each half-life', () => {
  const copy = copyOf('a', inside(4, 1))
  expect([0, 5, 10, 60].map((minutes) => reserveOf(copy, policy, minutes * MINUTE))).toEqual([4, 2, 1, 0])
})

it('P3: for any expectations, strangers stop at the soft cap, at most `company` seats are reserved, and the reserve shrinks with time', () => {
  const expectation = fc.option(fc.double({ min: 0, max: 5, noNaN: true }), { nil: undefined })
  fc.assert(
    fc.property(
      fc.array(expectation, { maxLength: 25 }),
      fc.nat(60),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(14, 18, 20),
      (all, minutes, newcomers, soft) => {
        const its = policyOf({ capacity: { soft, hard: 20, company: 6 } })
        const copy = copyOf(
          'a',
          all.flatMap((expects, n) => inside(1, expects, n)),
        )
        const [early, late] = [0, minutes * MINUTE].map((at) => strangersLimit(copy, its, at, newcomers))
        if (early === undefined || late === undefined) throw new Error('expected two limits')
        expect(late).toBeLessThanOrEqual(soft)
        expect(late).toBeGreaterThanOrEqual(Math.min(soft, 20 - 6))
        expect(late).toBeGreaterThanOrEqual(early)
      },
    ),
  )
})
