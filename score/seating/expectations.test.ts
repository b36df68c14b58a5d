import { expect, it } from 'vitest'
import type { Census } from '../../model/census.ts'
import { copyOf, holderOf, mapOf, now, policyOf, requestOf } from '../testing/worlds.ts'
import { withExpectations } from './expectations.ts'

/** One friend and two guild-mates are in the world on another map. */
function census(): Census {
  const hills = mapOf(copyOf('hills-1', [holderOf('c1', { guild: 'g1' }), holderOf('c2', { guild: 'g1' }), holderOf('c3')]))
  const whereabouts = new Map(['c1', 'c2', 'c3'].map((character) => [character, { map: 'hills', copy: 'hills-1' }]))
  const maps = new Map([
    ['forest', mapOf(copyOf('forest-1', []))],
    ['hills', hills],
  ])
  return { at: now, maps, servers: new Map(), whereabouts }
}

it('no seat is kept free for blocked friends and guild-mates', () => {
  const policy = policyOf({ capacity: { soft: 6, hard: 6, company: 4, headroom: { likely: '50%' } } })
  const expects = (blocked: string[]) =>
    withExpectations(requestOf([holderOf('c9', { guild: 'g1' })], { friends: ['c3'], blocked }), policy, census(), now).map((holder) => holder.expects)
  expect(expects([])).toEqual([1.5])
  expect(expects(['c3'])).toEqual([1])
  expect(expects(['c1', 'c3'])).toEqual([0.5])
  expect(expects(['c1', 'c2', 'c3'])).toEqual([undefined])
})
