import { describe, expect, it } from 'vitest'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { ToyWorld } from '../testing/toyWorld.ts'

const at = (text: string): number => Date.parse(`${text}Z`)
const MINUTE = 60_000
const event = (rest: object) => ({ events: [{ name: 'raid', schedule: '0 18 * * *', before: '10m', ...rest }], copies: { min: 0 } })

function runUntil(world: ToyWorld, end: number): void {
  while (world.now < end) world.round(15_000)
}

function worldAt(policy: Record<string, unknown>, now: number): ToyWorld {
  const world = new ToyWorld(toyPolicy(policy))
  world.now = now
  return world
}

/** Copies a minute before the start, in a world with this many players. */
function ready(policy: Record<string, unknown>, players: number, start = '2026-11-21T18:00:00'): number {
  const world = worldAt(policy, at(start) - 20 * MINUTE)
  if (players > 0) world.addCopy(crowd(players))
  runUntil(world, at(start) - MINUTE)
  return world.copies.size
}

const crowd = (players: number, from = 0) => Array.from({ length: players }, (_, n) => ({ character: `p${from + n}` }))

describe('declared events', () => {
  it('a number of players opens copies on an empty map, and with two players', () => {
    const soft = toyPolicy().capacity.soft
    const copies = Math.ceil(200 / soft)
    expect(ready(event({ expect: 200 }), 0)).toBeGreaterThanOrEqual(copies)
    expect(ready(event({ expect: 200 }), 2)).toBeGreaterThanOrEqual(copies)
  })

  it('a share of an empty map opens one copy at least', () => {
    expect(ready(event({ expect: '+500%' }), 0)).toBe(1)
  })

  it('a share, or last, opens copies for as many as last time, also when the map is empty before', () => {
    for (const expected of ['+500%', 'last']) {
      const world = worldAt(event({ expect: expected }), at('2026-11-21T17:40:00'))
      runUntil(world, at('2026-11-21T18:01:00'))
      for (let n = 0; n < 3; n++) world.addCopy(crowd(40, n * 40))
      runUntil(world, at('2026-11-21T18:10:00'))
      for (const { character } of crowd(120)) world.leave(character)
      runUntil(world, at('2026-11-21T23:00:00'))
      expect(world.copies.size).toBeLessThanOrEqual(1)
      // The quarters of the day before are forgotten, so that only the event itself can know.
      const map = world.memory.maps.get('forest')
      if (map === undefined) throw new Error('the planner knows the map')
      world.memory = { ...world.memory, maps: new Map([['forest', { ...map, dayShape: undefined }]]) }
      runUntil(world, at('2026-11-22T17:59:00'))
      expect(world.copies.size, expected).toBeGreaterThanOrEqual(3)
    }
  })

  it('a schedule in a time zone keeps its hour over a change of clocks', () => {
    const berlin = event({ expect: 200, timeZone: 'Europe/Berlin' })
    expect(ready(berlin, 0, '2026-03-28T17:00:00')).toBeGreaterThan(0)
    expect(ready(berlin, 0, '2026-03-29T16:00:00')).toBeGreaterThan(0)
    expect(ready(berlin, 0, '2026-03-29T17:00:00')).toBe(0)
    expect(ready(berlin, 0, '2026-10-24T16:00:00')).toBeGreaterThan(0)
    expect(ready(berlin, 0, '2026-10-25T16:00:00')).toBe(0)
    expect(ready(berlin, 0, '2026-10-25T17:00:00')).toBeGreaterThan(0)
    expect(ready({ ...event({ expect: 200 }), timeZone: 'Europe/Berlin' }, 0, '2026-10-25T17:00:00')).toBeGreaterThan(0)
  })
})
