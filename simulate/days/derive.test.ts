import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../model/random.ts'
import { generateDay } from '../generate/day.ts'
import type { Avatar, Trace } from '../population/trace.ts'
import { derivationNames, deriveDay } from './derive.ts'
import { judgedDays } from './list.ts'

const day = generateDay({ kind: 'ordinary', players: 120, realms: 6, random: seededRandom(1) })
const online = ({ avatars }: Trace, t: number): number => avatars.filter(({ stays }) => stays.some(({ first, last }) => first <= t && t <= last)).length
const sizes = ({ avatars }: Trace): number[] =>
  [
    ...Map.groupBy(
      avatars.filter(({ guild }) => guild !== 0),
      ({ guild }) => guild,
    ).values(),
  ].map((members) => members.length)
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const playedSamples = ({ stays }: Avatar): number => stays.reduce((sum, { first, last }) => sum + last - first + 1, 0)
const total = (trace: Trace): number => trace.avatars.reduce((sum, avatar) => sum + playedSamples(avatar), 0)

describe('derived days', () => {
  it('are days: every stay is inside, in order, without overlaps, and ids are unique', () => {
    for (const name of derivationNames) {
      const { avatars, samples } = deriveDay(day, name)
      expect(avatars.length, name).toBeGreaterThan(0)
      expect(new Set(avatars.map(({ id }) => id)).size, name).toBe(avatars.length)
      for (const { stays } of avatars) {
        expect(stays.length, name).toBeGreaterThan(0)
        for (const [index, { first, last }] of stays.entries()) {
          expect(first, name).toBeGreaterThan(stays[index - 1]?.last ?? -1)
          expect(last, name).toBeGreaterThanOrEqual(first)
          expect(last, name).toBeLessThan(samples)
        }
      }
    }
  })

  it('reversed has the same players at the mirrored time, and twice reversed is the day itself', () => {
    const reversed = deriveDay(day, 'reversed')
    for (const t of [0, 30, 66, 143]) expect(online(reversed, t)).toBe(online(day, day.samples - 1 - t))
    expect(deriveDay(reversed, 'reversed')).toEqual(day)
  })

  it('halves and thirds share the realms among them, and keep every avatar once', () => {
    for (const parts of [
      ['half-1', 'half-2'],
      ['third-1', 'third-2', 'third-3'],
    ]) {
      const ids = parts.flatMap((name) => deriveDay(day, name).avatars.map(({ id }) => id))
      expect(ids.toSorted()).toEqual(day.avatars.map(({ id }) => id).toSorted())
    }
  })

  it('have the property that their name says', () => {
    expect(total(deriveDay(day, 'x5'))).toBeGreaterThan(4.8 * total(day))
    expect(total(deriveDay(day, 'x0.2'))).toBeLessThan(0.35 * total(day))
    expect(total(deriveDay(day, 'zones-of-time'))).toBe(total(day))
    const night = Math.min(...Array.from({ length: day.samples }, (_, t) => online(deriveDay(day, 'zones-of-time'), t)))
    expect(night).toBeGreaterThan(1.5 * Math.min(...Array.from({ length: day.samples }, (_, t) => online(day, t))))
    const fast = deriveDay(day, 'fast-churn')
    expect(mean(fast.avatars.map(playedSamples))).toBeLessThan(0.7 * mean(day.avatars.map(playedSamples)))
    expect(total(fast)).toBeGreaterThan(0.8 * total(day))
    expect(mean(sizes(deriveDay(day, 'small-guilds')))).toBeLessThan(0.6 * mean(sizes(day)))
    expect(mean(sizes(deriveDay(day, 'big-guilds')))).toBeGreaterThan(2 * mean(sizes(day)))
  })

  it('refuses what it does not know, and a recording of an orchestrator', () => {
    expect(() => deriveDay(day, 'backwards')).toThrow('--derive is one of reversed, half-1')
    const recorded = {
      people: { party: new Int32Array(), friends: [], language: new Uint8Array(), languages: [] },
      steps: [],
      seconds: 1,
      start: 0,
      gapSeconds: 0,
    }
    expect(() => deriveDay({ ...day, recorded }, 'reversed')).toThrow('not on a recording')
  })
})

it('the defaults are judged on twenty days', () => {
  const days = judgedDays(day)
  expect(days.map(({ name }) => name)).toHaveLength(20)
  expect(new Set(days.map(({ name }) => name)).size).toBe(20)
})

it('factors change a generated day as they say', () => {
  const made = (factors: NonNullable<Parameters<typeof generateDay>[0]['factors']>) =>
    generateDay({ kind: 'ordinary', players: 200, realms: 3, factors, random: seededRandom(3) })
  const plain = made({})
  expect(mean(made({ churn: 2 }).avatars.map(playedSamples))).toBeLessThan(0.7 * mean(plain.avatars.map(playedSamples)))
  expect(mean(sizes(made({ guilds: 4 })))).toBeGreaterThan(2 * mean(sizes(plain)))
  expect(online(made({ peak: 1.6 }), 110)).toBeLessThan(0.6 * online(plain, 110))
})
