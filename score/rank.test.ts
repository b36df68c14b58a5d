import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MapReplica } from '../directory/mapReplica.ts'
import type { MapCensus } from '../model/census.ts'
import { defined } from '../model/defined.ts'
import type { RankContext } from './eligibility.ts'
import { rank } from './rank.ts'
import { signalNames } from './signals.ts'
import { copyOf, holderOf, mapOf, now, policyOf, requestOf, serversOf, world } from './testing/worlds.ts'

const crowd = (from: number, count: number, rest = {}) => Array.from({ length: count }, (_, n) => holderOf(`c${from + n}`, rest))
const chosen = (...[request, map, policy, servers = serversOf()]: [Parameters<typeof rank>[0], MapCensus, RankContext['policy']?, RankContext['servers']?]) =>
  rank(request, map, { policy: policy ?? policyOf(), servers, now })

describe('rank: properties over random worlds', () => {
  it('P1: while members of the party are on the map, only their copies are offered', () => {
    fc.assert(
      fc.property(world, ({ request, map, policy, servers }) => {
        const { party } = request
        if (party === undefined) return
        const inside = [...map.copies.values()].filter((copy) => ['open', 'closing'].includes(copy.copy.state) && (copy.parties.get(party) ?? 0) > 0)
        if (inside.length === 0) return
        for (const option of rank(request, map, { policy, servers, now }).options) expect(inside.map((copy) => copy.copy.id)).toContain(option.copy)
      }),
    )
  })

  it('P3: no option is above the hard cap, none above the soft cap without company, and the whole party fits', () => {
    fc.assert(
      fc.property(world, ({ request, map, policy, servers }) => {
        const { soft, hard, company } = policy.capacity
        for (const { copy: id, limit } of rank(request, map, { policy, servers, now }).options) {
          const copy = map.copies.get(id)
          if (copy === undefined) throw new Error('an option without a copy')
          expect(copy.seats.size + request.members.length).toBeLessThanOrEqual(limit)
          expect(limit).toBeLessThanOrEqual(hard)
          const party = request.party !== undefined && copy.parties.has(request.party)
          const friends = request.members.some((member) => [...member.friends].some((friend) => copy.seats.has(friend)))
          const guild = request.members.some(({ holder }) => holder.guild !== undefined && copy.guilds.has(holder.guild))
          if (!party) expect(limit).toBeLessThanOrEqual(soft + company)
          if (!party && !friends && !guild) expect(limit).toBeLessThanOrEqual(soft)
        }
      }),
    )
  })

  it('P4: the same world gives the same ranking for any order of its copies', () => {
    fc.assert(
      fc.property(world, ({ request, map, policy, servers }) => {
        const backwards: MapCensus = { ...map, copies: new Map([...map.copies].reverse()) }
        expect(rank(request, backwards, { policy, servers, now })).toEqual(rank(request, map, { policy, servers, now }))
      }),
    )
  })

  it('P4: a census updated by events gives the same ranking as one counted from scratch', () => {
    fc.assert(
      fc.property(world, ({ request, map, policy, servers }) => {
        const copies = [...map.copies.values()].map(({ copy }) => copy)
        const seats = [...map.copies.values()].flatMap(({ copy, seats: inside }) => [...inside.values()].map((seat) => ({ copy: copy.id, seat })))
        const kept = new MapReplica({ map: map.map, seq: 0, waiting: 0, copies, seats })
        // A character has two seats while it is moved.
        const [first] = seats
        const last = copies.at(-1)
        if (first !== undefined && last !== undefined) kept.apply({ type: 'seats', map: map.map, seq: 1, copy: last.id, set: [first.seat], freed: [] })
        const { copies: counted, waiting } = kept
        expect(rank(request, kept, { policy, servers, now })).toEqual(rank(request, { map: map.map, copies: counted, waiting }, { policy, servers, now }))
      }),
    )
  })

  it('P3: a weight of 0 disables its signal: changing that company has no effect', () => {
    fc.assert(
      fc.property(world, ({ request, map, policy, servers }) => {
        const off = {
          ...policy,
          placement: { ...policy.placement, weights: { friends: 0, guild: 0, language: 0, familiar: 0, occupancy: 0, room: 0, latency: 0 }, attributes: [] },
        }
        const blind = { ...request, members: request.members.map((member) => ({ ...member, friends: new Set<string>(), familiar: new Set<string>() })) }
        expect(rank(request, map, { policy: off, servers, now }).options).toEqual(rank(blind, map, { policy: off, servers, now }).options)
        for (const candidate of rank(request, map, { policy: off, servers, now }).candidates) expect(candidate.terms ?? {}).toEqual({})
      }),
    )
  })

  it('P1: copies with more party members always rank first', () => {
    fc.assert(
      fc.property(world, ({ request, map, policy, servers }) => {
        const counts = rank(request, map, { policy, servers, now }).options.map(({ copy }) => map.copies.get(copy)?.parties.get(request.party ?? '') ?? 0)
        expect(counts).toEqual([...counts].sort((a, b) => b - a))
      }),
    )
  })

  it('P2: each copy is an option with its terms or filtered with a reason, and each signal is in 0..1', () => {
    fc.assert(
      fc.property(world, ({ request, map, policy, servers }) => {
        const { options, candidates } = rank(request, map, { policy, servers, now })
        expect(candidates.map(({ copy }) => copy).sort()).toEqual([...map.copies.keys()].sort())
        expect(candidates.filter(({ filtered }) => filtered === undefined).map(({ copy }) => copy)).toEqual(options.map(({ copy }) => copy))
        for (const { terms = {} } of candidates) {
          for (const name of signalNames) {
            expect(terms[name] ?? 0).toBeGreaterThanOrEqual(0)
            expect(terms[name] ?? 0).toBeLessThanOrEqual(policy.placement.weights[name])
          }
          for (const { name, weight } of policy.placement.attributes) {
            expect(terms[`@${name}`] ?? 0).toBeGreaterThanOrEqual(0)
            expect(terms[`@${name}`] ?? 0).toBeLessThanOrEqual(weight)
          }
        }
      }),
    )
  })
})

describe('rank: examples', () => {
  it('P3: strangers stop at the soft cap, friends and guild at soft + company, party members and players who join by name at the hard cap', () => {
    const six = copyOf('forest-1', [...crowd(0, 5), holderOf('c5', { guild: 'g1', party: 'p1' })])
    const limit = (...args: Parameters<typeof requestOf>) => chosen(requestOf(...args), mapOf(six)).options[0]?.limit
    expect(limit([holderOf('c100')])).toBeUndefined()
    expect(limit([holderOf('c100')], { friends: ['c3'] })).toBe(8)
    expect(limit([holderOf('c100', { guild: 'g1' })])).toBe(8)
    expect(limit([holderOf('c100', { party: 'p1' })])).toBe(9)
    expect(limit([holderOf('c100')], { copy: 'forest-1', asCompany: true })).toBe(9)
  })

  it('C1: a closing copy takes no strangers and no friends, but party members and players who join somebody by name', () => {
    const closing = copyOf('forest-1', [holderOf('c1', { party: 'p1' })], 'closing')
    const reason = (...args: Parameters<typeof requestOf>) => chosen(requestOf(...args), mapOf(closing)).candidates[0]?.filtered
    expect(reason([holderOf('c100')])).toBe('closing')
    expect(reason([holderOf('c100')], { friends: ['c1'] })).toBe('closing')
    expect(chosen(requestOf([holderOf('c100', { party: 'p1' })]), mapOf(closing)).options).toEqual([{ copy: 'forest-1', limit: 9, evenClosing: true }])
    expect(reason([holderOf('c100')], { copy: 'forest-1', asCompany: true })).toBeUndefined()
  })

  it('C1: a merging copy accepts members of a guild with three or more inside, for the first part of its patience', () => {
    const closing = (mates: number) => mapOf(copyOf('forest-1', crowd(0, mates, { guild: 'g1' }), 'closing'), copyOf('forest-2', []))
    const first = (mates: number, patience: string, ...holders: ReturnType<typeof holderOf>[]) =>
      chosen(requestOf(holders), closing(mates), policyOf({ merge: { patience } })).options[0]
    const mate = holderOf('c100', { guild: 'g1' })
    expect(first(3, '45m', mate)).toEqual({ copy: 'forest-1', limit: 8, evenClosing: true })
    expect(first(2, '45m', mate)?.copy).toBe('forest-2')
    expect(first(3, '0s', mate)?.copy).toBe('forest-2')
    expect(first(3, '45m', mate, holderOf('c101'))?.copy).toBe('forest-2')
    expect(first(3, '45m', holderOf('c100', { guild: 'g2' }))?.copy).toBe('forest-2')
  })

  it('C2: seats that the players of a draining copy need are not given to newcomers, not even to their company', () => {
    const servers = serversOf({ id: 's1' }, { id: 's2', draining: true })
    const old = (players: number) => copyOf('forest-1', crowd(0, players), 'open', 's2')
    const replacement = (players: number) => copyOf('forest-2', crowd(20, players, { party: 'p1' }))
    const reason = (map: MapCensus, rest = {}) =>
      chosen(requestOf([holderOf('c100', rest)]), map, policyOf(), servers).candidates.find(({ copy }) => copy === 'forest-2')?.filtered
    expect(reason(mapOf(old(5), replacement(3)))).toBeUndefined()
    expect(reason(mapOf(old(6), replacement(3)))).toBe('seats needed')
    expect(reason(mapOf(old(6), replacement(3)), { party: 'p1' })).toBe('seats needed')
    // The limit of each copy tells the directory how many seats it may give away: forest-2 keeps its 6 free seats, forest-3 the other 5 of its 9.
    const roomy = mapOf(old(11), replacement(3), copyOf('forest-3', []))
    expect(chosen(requestOf([holderOf('c100')]), roomy, policyOf(), servers).options).toEqual([{ copy: 'forest-3', limit: 4 }])
    // A merging copy may open again, so its players keep no seats elsewhere.
    expect(reason(mapOf(copyOf('forest-1', crowd(0, 6), 'closing'), replacement(3)))).toBeUndefined()
  })

  it('C2: nobody enters a closing copy after its deadline, and its party does not keep a member out of other copies', () => {
    const closing = copyOf('forest-1', [holderOf('c1', { party: 'p1' })], 'closing')
    const map = mapOf(closing, copyOf('forest-2', []))
    const options = (at: number) => rank(requestOf([holderOf('c100', { party: 'p1' })]), map, { policy: policyOf(), servers: serversOf(), now: at }).options
    expect(options(now).map(({ copy }) => copy)).toEqual(['forest-1'])
    expect(options(now + 1).map(({ copy }) => copy)).toEqual(['forest-2'])
  })

  it('P1: a full copy of the party filters all others; a lost one filters none', () => {
    const full = [holderOf('c1', { party: 'p1' }), ...crowd(2, 8)]
    const late = requestOf([holderOf('c100', { party: 'p1' })])
    expect(chosen(late, mapOf(copyOf('forest-1', full), copyOf('forest-2', []))).candidates.map(({ filtered }) => filtered)).toEqual([
      'full',
      'party elsewhere',
    ])
    expect(chosen(late, mapOf(copyOf('forest-1', full, 'lost'), copyOf('forest-2', []))).options.map(({ copy }) => copy)).toEqual(['forest-2'])
  })

  it('with `friends: first` friends beat any guild, and two friends beat one', () => {
    const map = mapOf(copyOf('forest-1', crowd(0, 5, { guild: 'g1' })), copyOf('forest-2', crowd(10, 1)), copyOf('forest-3', crowd(20, 2)))
    const order = chosen(
      requestOf([holderOf('c100', { guild: 'g1' })], { friends: ['c10', 'c20', 'c21'] }),
      map,
      policyOf({ placement: { friends: 'first' } }),
    ).options
    expect(order.map(({ copy }) => copy)).toEqual(['forest-3', 'forest-2', 'forest-1'])
  })

  it('a guild member goes where most of the guild is, a speaker where the share of the language is largest', () => {
    const map = mapOf(
      copyOf('forest-1', [...crowd(0, 1, { guild: 'g1' }), ...crowd(1, 3, { language: 'de' })]),
      copyOf('forest-2', [...crowd(10, 3, { guild: 'g1' }), ...crowd(13, 1)]),
    )
    expect(chosen(requestOf([holderOf('c100', { guild: 'g1' })]), map).options[0]?.copy).toBe('forest-2')
    expect(chosen(requestOf([holderOf('c100', { language: 'de' })]), map).options[0]?.copy).toBe('forest-1')
  })

  it('a crowded copy is left to players with company inside, and sooner when players inside have more guild-mates', () => {
    const policy = policyOf({ capacity: { soft: 20, hard: 22, company: 2 }, placement: { weights: { language: 0 }, attributes: [] } })
    const [guild, strangers, sparse] = [copyOf('forest-1', crowd(0, 18, { guild: 'g1' })), copyOf('forest-2', crowd(20, 18)), copyOf('forest-3', crowd(40, 17))]
    const best = (map: MapCensus, ...args: Parameters<typeof requestOf>) => chosen(requestOf(...args), map, policy).options[0]?.copy
    expect(best(mapOf(guild, strangers), [holderOf('c100')])).toBe('forest-2')
    expect(best(mapOf(guild, strangers, sparse), [holderOf('c100')])).toBe('forest-3')
    expect(best(mapOf(strangers, sparse), [holderOf('c100')], { friends: ['c20'] })).toBe('forest-2')
    expect(best(mapOf(guild, sparse), [holderOf('c100', { guild: 'g1' })])).toBe('forest-1')
  })

  it('the pairs of guild-mates kept by a census give the same ranking as its guild counts', () => {
    const policy = policyOf({ capacity: { soft: 20, hard: 22, company: 2 } })
    const uncounted = copyOf('forest-1', [...crowd(0, 15, { guild: 'g1' }), ...crowd(15, 3, { guild: 'g2' })])
    const kept = { ...uncounted, guildPairs: 15 * 7 + 3 }
    expect(chosen(requestOf([holderOf('c100')]), mapOf(kept), policy)).toEqual(chosen(requestOf([holderOf('c100')]), mapOf(uncounted), policy))
  })

  it('language counts less for a player with friends or guild-mates on the map', () => {
    const map = mapOf(copyOf('forest-1', crowd(0, 4, { language: 'de' })), copyOf('forest-2', crowd(10, 4)))
    const term = (friends: string[]) =>
      chosen(requestOf([holderOf('c100', { language: 'de' })], { friends }), map).candidates.find(({ copy }) => copy === 'forest-1')?.terms?.['language']
    expect(term(['c10'])).toBeCloseTo((term([]) ?? 0) * 0.27)
  })

  it('a player of another language goes to the copy with many languages, and a copy of one language stays so', () => {
    const policy = policyOf({ capacity: { soft: 20, hard: 22, company: 2 }, placement: { weights: { occupancy: 0, room: 0 } } })
    const pure = copyOf('forest-1', crowd(0, 9))
    const mixed = copyOf('forest-2', [...crowd(10, 3), ...crowd(13, 3, { language: 'de' }), ...crowd(16, 3, { language: 'es' })])
    const { candidates } = chosen(requestOf([holderOf('c100', { language: 'fr' })]), mapOf(pure, mixed), policy)
    expect(candidates.map(({ copy }) => copy)).toEqual(['forest-2', 'forest-1'])
    expect(chosen(requestOf([holderOf('c100')]), mapOf(pure, mixed), policy).options[0]?.copy).toBe('forest-1')
  })

  it('a close friend equals two distant ones; without closeness all count the same', () => {
    const map = mapOf(copyOf('forest-1', crowd(0, 1)), copyOf('forest-2', crowd(10, 1)), copyOf('forest-3', crowd(20, 2)))
    const request = requestOf([holderOf('c100')], { friends: ['c0', 'c10', 'c20', 'c21'] })
    const close = { ...request, members: request.members.map((member) => ({ ...member, closeness: new Map([['c10', 1]]) })) }
    const tiers = (of: typeof request) =>
      Object.fromEntries(chosen(of, map, policyOf({ placement: { friends: 'first' } })).candidates.map(({ copy, tiers }) => [copy, tiers?.[2]]))
    expect(tiers(request)).toEqual({ 'forest-1': 0.5, 'forest-2': 0.5, 'forest-3': 0.75 })
    expect(tiers(close)['forest-2']).toBe(0.5)
    expect(tiers(close)['forest-3']).toBe(0.5)
    expect(tiers(close)['forest-1']).toBeLessThan(0.5)
  })

  it('people met lately attract, and closer ones more', () => {
    const map = mapOf(copyOf('forest-1', crowd(0, 2)), copyOf('forest-2', crowd(10, 2)))
    const request = requestOf([holderOf('c100')], { familiar: ['c0', 'c10'] })
    const known = { ...request, members: request.members.map((member) => ({ ...member, closeness: new Map([['c10', 0.8]]) })) }
    expect(chosen(known, map).options[0]?.copy).toBe('forest-2')
    expect(chosen(request, map).options[0]?.copy).toBe('forest-1')
  })

  it('a player who left a copy a short time ago goes back there while a seat is free, and not to the emptier one', () => {
    const policy = policyOf({ capacity: { soft: 40, hard: 48, company: 8 } })
    const map = mapOf(copyOf('forest-1', crowd(0, 34)), copyOf('forest-2', crowd(100, 12)))
    const entering = (leftCopy?: string, of = map) => {
      const request = requestOf([holderOf('c900')])
      return chosen({ ...request, members: request.members.map((member) => ({ ...member, ...defined({ leftCopy }) })) }, of, policy)
    }
    expect(entering().options[0]?.copy).toBe('forest-2')
    expect(entering('forest-1').options[0]?.copy).toBe('forest-1')
    expect(entering('forest-1').candidates[0]?.tiers?.[3]).toBe(1)
    expect(entering('forest-1', mapOf(copyOf('forest-1', crowd(0, 40)), copyOf('forest-2', crowd(100, 12)))).options[0]?.copy).toBe('forest-2')
    const closing = mapOf(copyOf('forest-1', crowd(0, 34), 'closing'), copyOf('forest-2', crowd(100, 12)))
    expect(entering('forest-1', closing).options.map(({ copy }) => copy)).toEqual(['forest-2'])
  })

  it('P1: the party comes before the copy that a member left', () => {
    const map = mapOf(copyOf('forest-1', crowd(0, 3)), copyOf('forest-2', crowd(10, 1, { party: 'p1' })))
    const request = requestOf([holderOf('c900', { party: 'p1' })])
    const back = { ...request, members: request.members.map((member) => ({ ...member, leftCopy: 'forest-1' })) }
    expect(chosen(back, map).options.map(({ copy }) => copy)).toEqual(['forest-2'])
  })

  it('numbers attract by distance, categories cluster or diversify, and a missing value is what the rule says or decides nothing', () => {
    const beginners = copyOf('forest-1', crowd(0, 4, { attributes: { level: 5, faction: 'red' } }))
    const veterans = copyOf('forest-2', crowd(10, 4, { attributes: { level: 58, faction: 'blue' } }))
    const map = mapOf(beginners, veterans)
    const order = (rule: object, attributes: object | undefined) =>
      chosen(
        requestOf([holderOf('c100', attributes === undefined ? {} : { attributes: { ...attributes } })]),
        map,
        policyOf({ placement: { attributes: [rule] } }),
      ).candidates.map(({ copy, terms = {} }) => ({ copy, term: Object.entries(terms).find(([name]) => name.startsWith('@'))?.[1] }))
    expect(order({ name: 'level', prefer: 'near' }, { level: 60 })[0]?.copy).toBe('forest-2')
    expect(order({ name: 'level', prefer: 'far' }, { level: 60 })[0]?.copy).toBe('forest-1')
    expect(order({ name: 'faction', prefer: 'same' }, { faction: 'blue' })[0]?.copy).toBe('forest-2')
    expect(order({ name: 'faction', prefer: 'different' }, { faction: 'blue' })[0]?.copy).toBe('forest-1')
    expect(order({ name: 'level', prefer: 'near', missing: '55' }, undefined)[0]?.copy).toBe('forest-2')
    expect(order({ name: 'level', prefer: 'near' }, undefined)).toEqual([
      { copy: 'forest-1', term: 0 },
      { copy: 'forest-2', term: 0 },
    ])
    expect(order({ name: 'level', prefer: 'near' }, { level: 'many' })[0]).toEqual({ copy: 'forest-1', term: 0 })
    expect(order({ name: 'level', prefer: 'near', weight: 0 }, { level: 60 })[0]?.term).toBeUndefined()
  })

  it('an empty copy gets the mean of the map for attributes', () => {
    const map = mapOf(
      copyOf('forest-1', crowd(0, 3, { attributes: { level: 10 } })),
      copyOf('forest-2', crowd(10, 3, { attributes: { level: 50 } })),
      copyOf('forest-3', []),
    )
    const policy = policyOf({ placement: { weights: { occupancy: 0, room: 0, language: 0 }, attributes: [{ name: 'level', prefer: 'near', range: 40 }] } })
    const { options } = chosen(requestOf([holderOf('c100', { attributes: { level: 10 } })]), map, policy)
    expect(options.map(({ copy }) => copy)).toEqual(['forest-1', 'forest-3', 'forest-2'])
  })

  it('the nearer region wins when the client measured latencies; a region that is too far or not requested is filtered', () => {
    const map = mapOf(...['s1', 's2', 's3'].map((server, n) => copyOf(`forest-${n + 1}`, [], 'open', server)))
    const servers = serversOf({ id: 's1', region: 'us' }, { id: 's2', region: 'eu' }, { id: 's3' })
    const reasons = (rest: Parameters<typeof requestOf>[1], placement = {}) =>
      chosen(requestOf([holderOf('c100')], rest), map, policyOf({ placement }), servers).candidates.map(({ copy, filtered }) => [copy, filtered])
    const latencyMs = { us: 180, eu: 20 }
    expect(reasons({ latencyMs })).toEqual([
      ['forest-2', undefined],
      ['forest-1', undefined],
      ['forest-3', undefined],
    ])
    expect(reasons({ latencyMs }, { maxLatency: '150ms' })).toContainEqual(['forest-1', 'latency'])
    expect(reasons({ region: 'us' })).toContainEqual(['forest-2', 'region'])
    expect(chosen(requestOf([holderOf('c100')]), map, policyOf(), servers).candidates[0]?.terms).not.toHaveProperty('latency')
  })

  it('P4, L3: a server that is draining, silent, overloaded or on another protocol is filtered with its reason', () => {
    const map = mapOf(copyOf('forest-1', []))
    const reason = (report: Parameters<typeof serversOf>[0]) =>
      chosen(requestOf([holderOf('c100')]), map, policyOf(), serversOf(report)).candidates[0]?.filtered
    expect(reason({ draining: true })).toBe('draining')
    expect(reason({ beat: now - 60_000 })).toBe('not open')
    expect([reason({ beat: now - 3_500 }), reason({ beat: now - 3_501 })]).toEqual([undefined, 'silent'])
    expect([reason({ load: 2 }), reason({ load: 3 })]).toEqual([undefined, 'overloaded'])
    expect(reason({ protocol: { min: 2, max: 3 } })).toBe('protocol')
    expect(reason({})).toBeUndefined()
  })

  it('P4: a copy that cannot read the newest state of a member is filtered; a copy without state versions is not', () => {
    const copies = { old: { writes: 1, reads: 1 }, between: { writes: 1, reads: 2 }, new: { writes: 2, reads: 2 } }
    const withStates = Object.entries(copies).map(([id, states]) => {
      const census = copyOf(id, [])
      return { ...census, copy: { ...census.copy, states } }
    })
    const map = mapOf(...withStates, copyOf('silent', []))
    const passed = (...versions: (number | undefined)[]) => {
      const request = requestOf(versions.map((_, n) => holderOf(`c${n}`)))
      const members = request.members.map((member, n) => ({ ...member, ...defined({ stateVersion: versions[n] }) }))
      return chosen({ ...request, members }, map).candidates.flatMap(({ copy, filtered }) => (filtered === undefined ? [] : [[copy, filtered]]))
    }
    expect(passed(2)).toEqual([['old', 'state version']])
    expect(passed(1, 2, undefined)).toEqual([['old', 'state version']])
    expect(passed(1)).toEqual([])
    expect(passed(undefined)).toEqual([])
    expect(passed(3).map(([copy]) => copy)).toEqual(['between', 'new', 'old'])
  })

  it('P1: a player joining a member who is being moved goes to the destination of the move', () => {
    const [mate, newcomer] = [holderOf('c1', { party: 'p1' }), holderOf('c2', { party: 'p1' })]
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const copies = [copyOf('a', []), copyOf('b', [])].map(({ copy }) => copy)
      const seats = [
        { copy: from, seat: { ...mate, state: 'taken' as const, since: now - 1_000 } },
        { copy: to, seat: { ...mate, state: 'held' as const, deadline: now + 5_000 } },
      ]
      const map = new MapReplica({ map: 'forest', seq: 0, waiting: 0, copies, seats })
      expect(chosen(requestOf([newcomer]), map).options.map(({ copy }) => copy)).toEqual([to])
      // Both seats are taken for a moment: the character is live at the destination and about to leave the source.
      map.apply({ type: 'seats', map: 'forest', seq: 1, copy: to, set: [{ ...mate, state: 'taken', since: now }], freed: [] })
      expect(chosen(requestOf([newcomer]), map).options.map(({ copy }) => copy)).toEqual([to])
      // The move failed: the party member stays.
      map.apply({ type: 'seats', map: 'forest', seq: 2, copy: to, set: [], freed: ['c1'] })
      expect(chosen(requestOf([newcomer]), map).options.map(({ copy }) => copy)).toEqual([from])
    }
  })

  it('P1: the own seat in a copy is not counted twice', () => {
    const map = mapOf(copyOf('forest-1', [...crowd(0, 5), holderOf('c100')]))
    expect(chosen(requestOf([holderOf('c100')]), map).options).toEqual([{ copy: 'forest-1', limit: 6 }])
  })
})
