import { describe, expect, it } from 'vitest'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { ToyWorld } from '../testing/toyWorld.ts'
import { type DayShape, learnShape } from './dayShape.ts'
import { forecastMap, remember, type Sample } from './forecast.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const slow = { open: { leadTime: '30s', above: '75%' }, merge: { minAge: '10m', deadline: '1h', patience: '0s' } }

describe('forecast', () => {
  it('the first arrivals are not a trend: 30 players within ten seconds open at most one more copy', () => {
    const world = new ToyWorld(toyPolicy(slow), 30_000)
    world.addCopy()
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 3; i++) world.seat('c1', { character: `p${second}-${i}` })
      world.round()
    }
    for (let i = 0; i < 60; i++) world.round()
    expect(world.copies.size).toBeLessThanOrEqual(2)
  })

  it('a steady rise is forecast one lead time ahead, with a small reserve', () => {
    const policy = toyPolicy(slow)
    let samples: readonly Sample[] = []
    for (let t = 0; t <= 20 * MINUTE; t += 30_000) samples = remember(samples, 100 + t / 30_000, t, policy)
    const { players, error } = forecastMap({ samples, players: 141, now: 20.5 * MINUTE, policy })
    expect(error).toBeLessThan(1)
    expect(players).toBeGreaterThan(141.9)
    expect(players).toBeLessThan(144)
  })

  it('a crowd that left at once adds no reserve; a crowd that came at once does', () => {
    const policy = toyPolicy(slow)
    const reserveAfter = (before: number, now: number): number => {
      let samples: readonly Sample[] = []
      for (let t = 0; t <= 40 * MINUTE; t += 30_000) samples = remember(samples, t < 20 * MINUTE ? before : now, t, policy)
      return forecastMap({ samples, players: now, now: 40.5 * MINUTE, policy }).players - now
    }
    expect(reserveAfter(200, 20)).toBeLessThan(4)
    expect(reserveAfter(20, 200)).toBeGreaterThan(10)
  })

  it('a crowd that came on earlier evenings is expected on the next evening', () => {
    const usual = (t: number): number => (t % DAY >= 20 * HOUR && t % DAY < 22 * HOUR ? 400 : 100)
    const policy = toyPolicy(slow)
    let shape: DayShape | undefined
    for (let t = 0; t < 2 * DAY + 19.9 * HOUR; t += MINUTE) shape = learnShape(shape, usual(t), t)
    const now = 2 * DAY + 19.9 * HOUR
    const samples = [{ at: now - 5 * MINUTE, players: 100 }]
    expect(forecastMap({ samples, players: 100, now, policy }).later).toBeLessThan(130)
    expect(forecastMap({ samples, players: 100, now, policy, shape }).later).toBeGreaterThan(300)
    const night = 2 * DAY + 3 * HOUR
    const atNight = [{ at: night - 5 * MINUTE, players: 100 }]
    expect(forecastMap({ samples: atNight, players: 100, now: night, policy, shape }).later).toBeLessThan(130)
  })
})

describe('declared events', () => {
  it('copies for an event open before it starts, stay open for late players, and close afterwards', () => {
    const world = new ToyWorld(
      toyPolicy({ ...slow, merge: { ...slow.merge, minAge: '10s' }, events: [{ name: 'dragon', schedule: '0 */3 * * *', expect: '+150%', before: '10m' }] }),
    )
    world.now = 3 * HOUR - 20 * MINUTE
    const id = world.addCopy()
    for (let i = 0; i < 20; i++) world.seat(id, { character: `p${i}` })
    for (let i = 0; i < 9 * 60; i++) world.round()
    expect(world.copies.size).toBe(1)
    for (let i = 0; i < 2 * 60; i++) world.round()
    // 20 players plus 150 % are 50, and a copy holds 30 before another one opens: two copies.
    expect(world.copies.size).toBe(2)
    for (let i = 0; i < 20 * 60; i++) world.round()
    expect(world.copies.size).toBe(2)
    for (let i = 0; i < 20 * 60; i++) world.round()
    expect(world.copies.size).toBe(1)
  })
})
