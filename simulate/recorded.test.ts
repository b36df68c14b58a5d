import { expect, it } from 'vitest'
import { seededRandom } from '../model/random.ts'
import type { Step } from './population/course.ts'
import type { Trace } from './population/trace.ts'
import { policiesFor } from './shippedPolicy.ts'
import { simulate } from './simulation.ts'

const step = (at: number, avatar: number, rest: Partial<Step>): Step => ({ at, avatar, from: undefined, to: undefined, login: false, logout: false, ...rest })

/** Two guild-mates on one map for 100 s each, at exact moments. The second joins the guild, and both make a party, while they play. */
const day = (): Trace => ({
  avatars: ['a', 'b'].map((id) => ({ id, realm: 0, guild: id === 'a' ? 1 : 0, stays: [{ zone: 1, first: 0, last: 0 }] })),
  zones: new Map([[1, { id: 1, name: 'forest', kind: 'open' }]]),
  samples: 1,
  recorded: {
    people: { party: Int32Array.of(-1, -1), friends: [[1], [0]], language: Uint8Array.of(0, 1), languages: ['de', 'en'] },
    steps: [
      step(10, 0, { to: 1, login: true }),
      step(10, 1, { to: 1, login: true }),
      step(60, 0, { description: { guild: 1, party: 0 } }),
      step(60, 1, { description: { guild: 1, party: 0 } }),
      step(110, 0, { from: 1, logout: true }),
      step(110, 1, { from: 1, logout: true }),
    ],
    seconds: 200,
    start: Date.UTC(2027, 0, 1),
    gapSeconds: 0,
  },
})

it('runs the exact moments of a recorded day, with guilds and parties that change while people play', () => {
  const trace = day()
  const score = simulate(trace, { policies: policiesFor(trace), random: seededRandom(1), bootSeconds: 1, warmUpSeconds: 0 })
  // Both wait for the first copy of the map: a second for the plan, and a second until it is open.
  expect(score.meanPlayers).toBeCloseTo((2 * (100 - 2)) / 200, 6)
  expect(score).toMatchObject({ peakPlayers: 2, guildPairCohesion: 1, partyCohesion: 1, friendPairCohesion: 1, moves: 0 })
  // Two languages in one copy: each speaks with half of it, and no better was possible.
  expect(score.languageShare).toBeCloseTo(1, 6)
})

it('pairs of a guild or a party exist only from the moment on at which they were made', () => {
  const trace = day()
  const { recorded } = trace
  if (recorded === undefined) throw new Error('no recorded day')
  // Without room for both in one copy they are apart: the shares are 0 exactly when the pairs are counted at all.
  const apart = new Map([...policiesFor(trace)].map(([map, policy]) => [map, { ...policy, capacity: { ...policy.capacity, soft: 1, hard: 1, company: 0 } }]))
  const run = (steps: Step[]) =>
    simulate({ ...trace, recorded: { ...recorded, steps } }, { policies: apart, random: seededRandom(1), bootSeconds: 1, warmUpSeconds: 0 })
  const { steps } = recorded
  expect(run(steps)).toMatchObject({ guildPairCohesion: 0, friendPairCohesion: 0 })
  expect(run(steps.filter(({ description }) => description === undefined))).toMatchObject({ guildPairCohesion: 1, friendPairCohesion: 0 })
})
