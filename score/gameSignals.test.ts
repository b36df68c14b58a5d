import fc from 'fast-check'
import { expect, it } from 'vitest'
import { signals as example } from '../docs/how-to/extend/placement.ts'
import { defined } from '../model/defined.ts'
import { containedSignals } from '../model/policy/containedSignals.ts'
import type { GameSignals } from '../model/policy/gameSignal.ts'
import type { MapPolicy } from '../model/policy/policy.ts'
import { CodedPolicies, missingSignals } from './gameSignals.ts'
import { rank } from './rank.ts'
import { rankTargets } from './rankTargets.ts'
import { copyOf, holderOf, mapOf, now, policyOf, requestOf, serversOf, world } from './testing/worlds.ts'

/** A policy with the game's signals, as a process loads them. */
function signalled(policy: MapPolicy, signals: GameSignals, failed: (name: string, problem: unknown) => void = () => {}): MapPolicy {
  const own = new CodedPolicies({ signals: containedSignals(signals, failed), instanceKeys: {} })
  const [changed] = own.withCode(new Map([[policy.map, policy]])).values()
  expect(own.withCode(new Map([[policy.map, policy]])).get(policy.map)).toBe(changed)
  return changed ?? policy
}

const weighing = (game: Record<string, number>) => policyOf({ placement: { weights: { game, room: 0, language: 0 } }, capacity: { soft: 20, hard: 20 } })
const level = (from: number, count: number, value: number) =>
  Array.from({ length: count }, (_, n) => holderOf(`c${from + n}`, { attributes: { level: value } }))
const newcomer = requestOf([holderOf('c900', { attributes: { level: 3 } })])
const map = mapOf(copyOf('forest-1', level(0, 4, 5)), copyOf('forest-2', level(10, 4, 60)))

it('the signal of the how-to places a newcomer among experienced players, and the decision names it', () => {
  const { candidates, options } = rank(newcomer, map, { policy: signalled(weighing({ mentors: 30 }), example), servers: serversOf(), now })
  expect(options.map(({ copy }) => copy)).toEqual(['forest-2', 'forest-1'])
  expect(candidates.map(({ terms }) => terms?.['game.mentors'])).toEqual([30, 0])
  const veteran = requestOf([holderOf('c900', { attributes: { level: 60 } })])
  const others = rank(veteran, map, { policy: signalled(weighing({ mentors: 30 }), example), servers: serversOf(), now })
  expect(others.candidates.map(({ terms }) => terms?.['game.mentors'])).toEqual([0, 0])
})

it('the planner ranks the destinations of moves by the same signal', () => {
  const targets = [...map.copies.values()]
  expect(rankTargets(newcomer, targets, signalled(weighing({ mentors: 30 }), example))[0]).toBe('forest-2')
  expect(rankTargets(newcomer, targets, weighing({}))[0]).toBe('forest-1')
})

it('a signal that throws or returns no finite number counts 0, and the placement goes on', () => {
  const failed: [string, unknown][] = []
  const broken: Record<string, unknown> = {
    throws: () => {
      throw new Error('no such level')
    },
    nan: () => Number.NaN,
    none: () => undefined,
    later: () => Promise.resolve(1),
    huge: () => 1e9,
    negative: () => -5,
  }
  const game = Object.fromEntries(Object.keys(broken).map((name) => [name, 10]))
  const policy = signalled(weighing(game), broken as GameSignals, (name, problem) => failed.push([name, (problem as Error).message])) // what a game in JavaScript can export
  const { candidates, options } = rank(newcomer, map, { policy, servers: serversOf(), now })
  expect(options).toHaveLength(2)
  for (const { terms } of candidates) {
    const own = Object.entries(terms ?? {}).filter(([name]) => name.startsWith('game.'))
    expect(Object.fromEntries(own)).toEqual({ 'game.throws': 0, 'game.nan': 0, 'game.none': 0, 'game.later': 0, 'game.huge': 10, 'game.negative': 0 })
  }
  expect(Object.fromEntries(failed)).toEqual({
    throws: 'no such level',
    nan: 'it returned NaN instead of a number from 0 to 1',
    none: 'it returned undefined instead of a number from 0 to 1',
    later: 'it returned a promise instead of a number from 0 to 1',
  })
})

it('a signal that the code lacks is a term of 0; one with weight 0 is not called', () => {
  let calls = 0
  const counting = () => ++calls
  const policy = signalled(weighing({ lacking: 10, counting: 0 }), { counting })
  const { candidates } = rank(newcomer, map, { policy, servers: serversOf(), now })
  expect(candidates.map(({ terms }) => terms?.['game.lacking'])).toEqual([0, 0])
  expect(calls).toBe(0)
  expect(missingSignals(policy, { counting })).toEqual(['lacking'])
})

it('P5: no copy with another key is offered, and without keys the offers are as before', () => {
  const keys = fc.constantFrom(undefined, 'a', 'b')
  fc.assert(
    fc.property(world, fc.array(keys, { minLength: 6, maxLength: 6 }), keys, ({ request, map: any, policy, servers }, given, own) => {
      const keyed = mapOf(
        ...Array.from(any.copies.values(), (census, index) => ({ ...census, copy: { ...census.copy, ...defined({ instanceKey: given[index] }) } })),
      )
      const { options, candidates } = rank({ ...request, ...defined({ instanceKey: own }) }, keyed, { policy, servers, now })
      for (const { copy } of options) expect(keyed.copies.get(copy)?.copy.instanceKey).toBe(own)
      for (const { copy, filtered } of candidates) if (keyed.copies.get(copy)?.copy.instanceKey === own) expect(filtered).not.toBe('other key')
    }),
  )
})

it('P1, P3: whatever a signal of the game answers, the copies that are offered and their limits stay the same', () => {
  fc.assert(
    fc.property(world, fc.func(fc.double()), ({ request, map: any, policy, servers }, answer) => {
      const weighed: MapPolicy = { ...policy, placement: { ...policy.placement, gameWeights: { own: 100 } } }
      const offered = (of: MapPolicy) =>
        rank(request, any, { policy: of, servers, now })
          .options.map((option) => JSON.stringify(option))
          .sort()
      expect(offered(signalled(weighed, { own: ({ copy }) => answer(copy.id) }))).toEqual(offered(policy))
    }),
  )
})
