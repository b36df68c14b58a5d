import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FORCED_MOVES_MS } from '../../model/server.ts'
import { plan } from './plan.ts'
import { toyPolicy } from './testing/toyPolicy.ts'
import { type Person, ToyWorld } from './testing/toyWorld.ts'

/** Copies with random players: parties of up to 4 sit together, as the placer seats them; guilds are spread over all copies. */
const copies = fc.array(
  fc.array(fc.record({ party: fc.integer({ min: 0, max: 3 }), size: fc.integer({ min: 1, max: 4 }), guild: fc.integer({ min: 0, max: 5 }) }), {
    maxLength: 16,
  }),
  { minLength: 1, maxLength: 8 },
)
type Copies = ReturnType<(typeof copies)['generate']>['value']

function worldOf(spec: Copies, policy = toyPolicy(), age = 60_000): ToyWorld {
  const world = new ToyWorld(policy, 2_000)
  let serial = 0
  for (const groups of spec) {
    const people: Person[] = []
    for (const { party, size, guild } of groups) {
      const name = ++serial
      for (let i = 0; i < size && people.length < policy.capacity.hard; i++) {
        people.push({
          character: `p${name}-${i}`,
          ...(guild === 0 ? {} : { guild: `g${guild}` }),
          ...(party === 0 || size === 1 ? {} : { party: `party${name}` }),
        })
      }
    }
    world.addCopy(people, 's1', world.now - age)
  }
  return world
}

describe('the planner, over random worlds', () => {
  it('C3, C2: with a constant population it comes to rest, and no copy stays closing', () => {
    fc.assert(
      fc.property(copies, (spec) => {
        const world = worldOf(spec)
        const before = world.players
        for (let i = 0; i < 180; i++) world.round()
        for (let i = 0; i < 30; i++) expect(world.round()).toEqual([])
        expect([...world.copies.values()].every(({ copy }) => copy.state === 'open')).toBe(true)
        expect(world.players).toBe(before)
      }),
      { numRuns: 60 },
    )
  })

  it('P1, S3: no party is split, no copy exceeds the hard cap, and min and max are kept', () => {
    fc.assert(
      fc.property(copies, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 3, max: 600 }), (spec, min, perMinute) => {
        const policy = toyPolicy({ copies: { min, max: 10 }, moves: { perMinute } })
        const world = worldOf(spec, policy)
        for (let i = 0; i < 90; i++) {
          world.round()
          const homes = new Map<string, string>()
          for (const [id, { parties, seats }] of world.copies) {
            expect(seats.size).toBeLessThanOrEqual(policy.capacity.hard)
            for (const party of parties.keys()) {
              expect(homes.get(party)).toBe(undefined)
              homes.set(party, id)
            }
          }
          const standing = [...world.copies.values()].filter(({ copy }) => copy.state !== 'closing').length
          expect(standing).toBeGreaterThanOrEqual(Math.min(min, spec.length))
          expect(world.copies.size).toBeLessThanOrEqual(Math.max(10, spec.length))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('M4: no player is moved twice within perPlayerEvery, and at most perMinute players in a minute', () => {
    fc.assert(
      fc.property(copies, fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 20, maxLength: 60 }), (spec, churn) => {
        const policy = toyPolicy({ merge: { minAge: '5s', deadline: '1h' }, moves: { perMinute: 12, perPlayerEvery: '2m' } })
        const world = worldOf(spec, policy)
        let serial = 0
        for (const n of churn) {
          for (let i = 0; i < 5; i++) world.round()
          const [copy] = [...world.copies.values()].filter(({ copy }) => copy.state === 'open').sort((a, b) => a.seats.size - b.seats.size)
          const leaver = [...world.copies.values()]
            .at(n % world.copies.size)
            ?.seats.keys()
            .next().value
          if (n % 3 > 0 && leaver !== undefined) world.leave(leaver)
          else if (copy !== undefined && copy.seats.size < policy.capacity.soft)
            for (let i = 0; i < n; i++) if (copy.seats.size < policy.capacity.soft) world.seat(copy.copy.id, { character: `new${++serial}` })
        }
        const last = new Map<string, number>()
        for (const [index, { character, at }] of world.moved.entries()) {
          expect(at - (last.get(character) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(120_000)
          last.set(character, at)
          const minuteAgo = world.moved[index - 12]
          if (minuteAgo !== undefined) expect(at - minuteAgo.at).toBeGreaterThanOrEqual(60_000)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('M3: an order out of a closing copy has its deadline, until which the server waits for busy players', () => {
    fc.assert(
      fc.property(copies, fc.integer({ min: 0, max: 40 }), (spec, patience) => {
        const world = worldOf(spec, toyPolicy({ merge: { minAge: '5s', patience: `${patience}s`, rest: 3, deadline: '1m' } }))
        const closed = new Map<string, number>()
        for (let i = 0; i < 120; i++) {
          const sizes = new Map([...world.copies].map(([id, { seats }]) => [id, seats.size]))
          for (const action of world.round()) {
            if (action.type === 'close') closed.set(action.copy, world.now)
            if (action.type !== 'move') continue
            const since = closed.get(action.from) ?? Number.NaN
            expect(action.deadline).toBe(since + 60_000)
            // Until `merge.patience` ends, only the last `merge.rest` players are moved.
            if (world.now - since < patience * 1_000) expect(sizes.get(action.from)).toBeLessThanOrEqual(3)
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  it('M3: a stopping server waits for no player after its forced moves start, whatever its copies were closing for', () => {
    const reasons = fc.constantFrom(undefined, 'merge' as const, 'operator' as const)
    fc.assert(
      fc.property(copies, reasons, fc.integer({ min: 0, max: 900 }), (spec, closing, leavesInS) => {
        const world = worldOf(spec, toyPolicy({ merge: { deadline: '1h', patience: '45m' } }))
        const leaving = [...world.copies.keys()]
        for (let i = 0; i < leaving.length && closing !== undefined; i += 2)
          world.apply({ type: 'close', map: 'forest', copy: leaving[i] ?? '', reason: closing, successors: [], deadline: world.now + 3_600_000, why: '' })
        world.addServer('s2')
        world.draining.add('s1')
        const leavesBy = world.now + leavesInS * 1_000
        for (const report of [world.servers.get('s1')]) if (report !== undefined) world.servers.set('s1', { ...report, draining: true, leavesBy })
        for (let i = 0; i < 30; i++) {
          for (const action of world.round()) {
            if (action.type === 'reopen') throw new Error(`${action.copy} reopens on a server that leaves`)
            if (action.type !== 'close' && action.type !== 'move') continue
            if (!leaving.includes(action.type === 'close' ? action.copy : action.from)) continue
            expect(action.deadline).toBeLessThanOrEqual(leavesBy - FORCED_MOVES_MS)
            if (action.type === 'move') expect(action.cause).toBe('drain')
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('C1: a merging copy above cancelAbove always reopens, a draining one never', () => {
    fc.assert(
      fc.property(copies, fc.integer({ min: 0, max: 50 }), fc.constantFrom('merge' as const, 'drain' as const), (spec, n, reason) => {
        const world = worldOf(spec)
        const id = world.addCopy(
          Array.from({ length: n }, (_, i) => ({ character: `late${i}` })),
          's1',
          0,
        )
        world.apply({ type: 'close', map: 'forest', copy: id, reason, successors: [], deadline: world.now + 60_000, why: '' })
        const reopened = world.round().some((action) => action.type === 'reopen' && action.copy === id)
        if (reason === 'drain') expect(reopened).toBe(false)
        else if (n > world.policy.merge.cancelAbove * world.policy.capacity.soft) expect(reopened).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('C5: planning again after the plan was carried out changes nothing, and the plan is a function of its input', () => {
    fc.assert(
      fc.property(copies, (spec) => {
        const world = worldOf(spec)
        expect(plan(world.input())).toEqual(plan(world.input()))
        const actions = world.round(0)
        const moved = new Set(actions.flatMap((action) => (action.type === 'move' ? action.characters : [])))
        const again = plan(world.input()).actions
        for (const action of again) {
          // Only players without an order may get one; openings and the budget are already used.
          expect(action.type).toBe('move')
          if (action.type === 'move') for (const character of action.characters) expect(moved.has(character)).toBe(false)
        }
      }),
      { numRuns: 100 },
    )
  })
})
