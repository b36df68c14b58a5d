import { describe, expect, it } from 'vitest'
import { defined } from '../model/defined.ts'
import type { SeatHolder } from '../model/seat.ts'
import { rank } from './rank.ts'
import { copyOf, holderOf, mapOf, now, policyOf, requestOf, serversOf } from './testing/worlds.ts'

const crowd = (from: number, count: number, rest: Partial<SeatHolder> = {}) => Array.from({ length: count }, (_, n) => holderOf(`c${from + n}`, rest))
const policy = policyOf({ capacity: { soft: 20, hard: 22, company: 2 }, placement: { weights: { room: 0 } } })
const best = (map: ReturnType<typeof mapOf>, speaks: Partial<SeatHolder>) =>
  rank(requestOf([holderOf('c900', speaks)]), map, { policy, servers: serversOf(), now }).candidates.map(({ copy, terms }) => [copy, terms?.['language']])

describe('languages of a character', () => {
  const map = mapOf(copyOf('forest-1', crowd(0, 12, { language: 'fr' })), copyOf('forest-2', crowd(20, 12, { language: 'de' })))

  it('the best language that both speak counts, and not only the first of the newcomer', () => {
    expect(best(map, { language: 'pl', languages: ['de'] })[0]?.[0]).toBe('forest-2')
    expect(best(map, { language: 'pl', languages: ['fr'] })[0]?.[0]).toBe('forest-1')
  })

  it('a resident who speaks several languages counts for each of them', () => {
    const bilingual = mapOf(copyOf('forest-1', crowd(0, 12, { language: 'fr' })), copyOf('forest-2', crowd(20, 12, { language: 'fr', languages: ['de'] })))
    expect(best(bilingual, { language: 'de' })[0]?.[0]).toBe('forest-2')
  })

  it('of two equal crowds the one of the better language wins', () => {
    expect(best(map, { language: 'de', languages: ['fr'] })[0]?.[0]).toBe('forest-2')
    expect(best(map, { language: 'fr', languages: ['de'] })[0]?.[0]).toBe('forest-1')
  })

  it('the signal stays between 0 and its weight when everybody speaks eight languages', () => {
    const many = { language: 'l0', languages: ['l1', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7'] }
    const full = mapOf(copyOf('forest-1', crowd(0, 12, many)), copyOf('forest-2', crowd(20, 3, { language: 'de' })))
    for (const speaks of [many, { language: 'de' }, { language: 'pl' }]) {
      for (const [, term] of best(full, speaks)) {
        expect(term).toBeGreaterThanOrEqual(0)
        expect(term).toBeLessThanOrEqual(policy.placement.weights.language)
      }
    }
  })
})

describe('blocked characters are no company', () => {
  const withBlocked = (blocked: string[], rest: object = {}) =>
    rank(requestOf([holderOf('c900', { guild: 'g1' })], { blocked, ...rest }), mate, { policy: weighed, servers: serversOf(), now })
  const weighed = policyOf({ capacity: { soft: 20, hard: 22, company: 2 } })
  const mate = mapOf(copyOf('forest-1', [holderOf('c0', { guild: 'g1' })]), copyOf('forest-2', crowd(20, 1)))
  const termOf = ({ candidates }: ReturnType<typeof rank>, name: string, copy = 'forest-1') => candidates.find((one) => one.copy === copy)?.terms?.[name]

  it('a copy where the only guild-mate is blocked gets nothing for the guild', () => {
    expect(termOf(withBlocked([]), 'guild')).toBeGreaterThan(0)
    expect(termOf(withBlocked(['c0']), 'guild')).toBe(0)
    // Without company on the map the language counts in full.
    expect(termOf(withBlocked(['c0']), 'language')).toBeGreaterThan(termOf(withBlocked([]), 'language') ?? 0)
  })

  it('a blocked friend, or a blocked person met lately, counts for nothing', () => {
    const rest = { friends: ['c0'], familiar: ['c0'] }
    expect(termOf(withBlocked([], rest), 'friends')).toBeGreaterThan(0)
    expect(termOf(withBlocked([], rest), 'familiar')).toBeGreaterThan(0)
    expect([termOf(withBlocked(['c0'], rest), 'friends'), termOf(withBlocked(['c0'], rest), 'familiar')]).toEqual([0, 0])
  })

  it('P3: a blocked guild-mate or friend opens no seat above the soft cap; a blocked party member does (P1)', () => {
    const full = mapOf(copyOf('forest-1', [holderOf('c0', { guild: 'g1', party: 'p1' }), ...crowd(1, 5)]))
    const reasons = (party: string | undefined, blocked: string[]) =>
      rank(requestOf([holderOf('c900', { guild: 'g1', ...defined({ party }) })], { blocked, friends: ['c0'] }), full, {
        policy: policyOf(),
        servers: serversOf(),
        now,
      }).candidates.map(({ filtered }) => filtered)
    expect(reasons(undefined, [])).toEqual([undefined])
    expect(reasons(undefined, ['c0'])).toEqual(['soft cap'])
    expect(reasons('p1', ['c0'])).toEqual([undefined])
  })
})
