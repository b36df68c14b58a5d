import { describe, expect, it } from 'vitest'
import type { Census, CopyCensus } from '../../model/census.ts'
import type { Copy } from '../../model/copy.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { Seat } from '../../model/seat.ts'
import { PartySplits } from './partySplits.ts'
import { Totals } from './totals.ts'

const base = { id: 'forest-1', map: 'forest', server: 's', created: 0, since: 0 }
const opening: Copy = { ...base, state: 'opening' }
const open: Copy = { ...base, state: 'open', address: 'ws://s' }
const closing = (reason: 'merge' | 'empty'): Copy => ({ ...base, state: 'closing', address: 'ws://s', reason, deadline: 0, successors: [] })

/** A census in which the members of one party sit in these copies (`{ 'forest-1': 'ada bob' }`). */
function census(party: Record<string, string>): Census {
  const copies = new Map<string, CopyCensus>()
  for (const [id, people] of Object.entries(party)) {
    const seats = new Map<string, Seat>()
    for (const character of people.split(' ').filter(Boolean)) {
      seats.set(character, { character, entity: 1, name: character, language: 'en', party: 'p', state: 'taken', since: 0 })
    }
    copies.set(id, { copy: { ...open, id }, seats, parties: new Map(), guilds: new Map(), languages: new Map() })
  }
  return { at: 0, maps: new Map([['forest', { map: 'forest', copies, waiting: 0 }]]), servers: new Map(), whereabouts: new Map() }
}

describe('totals', () => {
  it('a copy counts as opened when it opens, and as merged when it is removed after its last closing was a merge', () => {
    const totals = new Totals()
    const events: (Copy | 'removed')[] = [opening, open, closing('merge'), open, closing('empty'), open, closing('merge'), 'removed']
    events.forEach((copy, seq) => {
      totals.onEvent(copy === 'removed' ? { type: 'copyRemoved', map: 'forest', seq, copy: 'forest-1' } : { type: 'copy', map: 'forest', seq, copy })
    })
    expect(totals.get()).toMatchObject({ copiesOpened: 1, copiesMerged: 1 })
  })

  it('a copy that never opened or closed empty is counted neither as opened nor as merged', () => {
    const totals = new Totals()
    totals.onEvent({ type: 'copy', map: 'forest', seq: 1, copy: opening })
    totals.onEvent({ type: 'copyRemoved', map: 'forest', seq: 2, copy: 'forest-1' })
    totals.onEvent({ type: 'copy', map: 'forest', seq: 3, copy: closing('empty') })
    totals.onEvent({ type: 'copyRemoved', map: 'forest', seq: 4, copy: 'forest-1' })
    expect(totals.get()).toMatchObject({ copiesOpened: 0, copiesMerged: 0 })
  })
})

describe('party splits', () => {
  it('P1: counts a party once that sat together and then sits apart for longer than the grace time', () => {
    const splits = new PartySplits()
    splits.sample(census({ one: 'ada bob', two: '' }), 0)
    for (let now = 1_000; now <= 60_000; now += 1_000) splits.sample(census({ one: 'ada', two: 'bob' }), now)
    expect(splits.total).toBe(1)
  })

  it('P1: a move, during which all members have seats in both copies, is not a split', () => {
    const splits = new PartySplits()
    splits.sample(census({ one: 'ada bob', two: '' }), 0)
    for (let now = 1_000; now <= 60_000; now += 1_000) splits.sample(census({ one: 'ada bob', two: 'ada bob' }), now)
    splits.sample(census({ one: 'ada', two: 'ada bob' }), 61_000)
    splits.sample(census({ one: '', two: 'ada bob' }), 62_000)
    expect(splits.total).toBe(0)
  })

  it('P1: a party that is made while its members play in several copies counts only after a settling time', () => {
    const splits = new PartySplits({ graceMs: 5_000, settleMs: 30_000 })
    for (let now = 0; now <= 30_000; now += 1_000) splits.sample(census({ one: 'ada', two: 'bob' }), now)
    expect(splits.total).toBe(0)
    splits.sample(census({ one: 'ada', two: 'bob' }), 31_000)
    expect(splits.total).toBe(1)
  })

  it('P1: a member who joins from another copy has the settling time, too', () => {
    const splits = new PartySplits({ graceMs: 5_000, settleMs: 30_000 })
    splits.sample(census({ one: 'ada bob' }), 0)
    for (let now = 1_000; now <= 30_000; now += 1_000) splits.sample(census({ one: 'ada bob', two: 'cid' }), now)
    expect(splits.total).toBe(0)
    splits.sample(census({ one: 'ada bob cid' }), 31_000)
    for (let now = 32_000; now <= 60_000; now += 1_000) splits.sample(census({ one: 'ada bob', two: 'cid' }), now)
    expect(splits.total).toBe(1)
  })

  it('a party for which no copy has room is not a split until there is room', () => {
    const splits = new PartySplits({ graceMs: 5_000, settleMs: 10_000 })
    const policies = (hard: number) => new Map([['forest', { capacity: { hard } } as MapPolicy]]) // the only field that is read
    for (let now = 0; now <= 60_000; now += 1_000) splits.sample(census({ one: 'ada', two: 'bob' }), now, policies(1))
    expect(splits.total).toBe(0)
    for (let now = 61_000; now <= 90_000; now += 1_000) splits.sample(census({ one: 'ada', two: 'bob' }), now, policies(2))
    expect(splits.total).toBe(1)
  })
})
