import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Contender, inFairOrder } from './fairShare.ts'

const crowd = (guild: string | undefined, count: number): Contender[] => Array.from({ length: count }, (_, n) => ({ id: `${guild} ${n}`, guild, size: 1 }))
const seatsOf = (order: readonly Contender[], seats: number): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { guild } of order.slice(0, seats)) counts[guild ?? 'none'] = (counts[guild ?? 'none'] ?? 0) + 1
  return counts
}

it('guilds of 400, 300, 200 and 100 waiting players get 200, 150, 100 and 50 of 500 seats', () => {
  const line = [...crowd('A', 400), ...crowd('B', 300), ...crowd('C', 200), ...crowd('D', 100)]
  expect(seatsOf(inFairOrder(line, new Map()), 500)).toEqual({ A: 200, B: 150, C: 100, D: 50 })
})

it('members inside count towards the share of their guild, so the first guild does not keep others out', () => {
  const order = inFairOrder([...crowd('A', 100), ...crowd('B', 100)], new Map([['A', 100]]))
  // A's share is 200 and B's is 100. Of 150 seats A has 100 already, so all others go to B.
  expect(seatsOf(order, 50)).toEqual({ B: 50 })
})

it('players without a guild form one group, and each counts as much as a member of a guild', () => {
  expect(seatsOf(inFairOrder([...crowd('A', 300), ...crowd(undefined, 100)], new Map()), 100)).toEqual({ A: 75, none: 25 })
})

const line = fc.array(fc.record({ guild: fc.constantFrom('A', 'B', 'C', undefined), size: fc.integer({ min: 1, max: 5 }) }), { maxLength: 80 })

it('Q1: each place is served once, and within a guild in order of arrival', () => {
  fc.assert(
    fc.property(line, fc.dictionary(fc.constantFrom('A', 'B'), fc.nat(50)), (people, inside) => {
      const contenders = people.map((one, index) => ({ ...one, id: `p${index}` }))
      const order = inFairOrder(contenders, new Map(Object.entries(inside)))
      expect(order.map(({ id }) => id).sort()).toEqual(contenders.map(({ id }) => id).sort())
      for (const guild of ['A', 'B', 'C', undefined]) {
        const of = (all: readonly Contender[]) => all.filter((one) => one.guild === guild).map(({ id }) => id)
        expect(of(order)).toEqual(of(contenders))
      }
    }),
  )
})

it('a guild that splits in two gains no seat', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('A', 'B', 'C'), { maxLength: 60 }),
      fc.nat(60),
      fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
      (guilds, seats, half) => {
        const whole = guilds.map((guild, index): Contender => ({ id: `p${index}`, guild, size: 1 }))
        const divided = whole.map((one, index) => (one.guild === 'A' && half[index] === true ? { ...one, guild: 'A two' } : one))
        const before = seatsOf(inFairOrder(whole, new Map()), seats)['A'] ?? 0
        const after = seatsOf(inFairOrder(divided, new Map()), seats)
        // At equal quotients the earlier arrival goes first, which may be worth one seat and never more.
        expect((after['A'] ?? 0) + (after['A two'] ?? 0)).toBeLessThanOrEqual(before + 1)
      },
    ),
  )
})
