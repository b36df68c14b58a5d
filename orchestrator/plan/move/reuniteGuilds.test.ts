import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { type Person, ToyWorld } from '../testing/toyWorld.ts'

const guild = (prefix: string, n: number, name = 'G'): Person[] => Array.from({ length: n }, (_, i) => ({ character: `${prefix}${i}`, guild: name }))
const strangers = (prefix: string, n: number): Person[] => Array.from({ length: n }, (_, i) => ({ character: `${prefix}${i}` }))
const policy = (moves: Record<string, unknown> = {}) => toyPolicy({ copies: { min: 2 }, moves: { reunite: 60, perMinute: 600, ...moves } })

/** The copy that holds most of the guild. */
function mainCopyOf(world: ToyWorld): string | undefined {
  const copies = [...world.copies].map(([id, { guilds }]) => ({ id, members: guilds.get('G') ?? 0 }))
  return copies.sort((a, b) => b.members - a.members || (a.id < b.id ? -1 : 1))[0]?.id
}

describe('reunions', () => {
  it('players seated apart from their guild move with their party to the copy that holds most of it, within the budget', () => {
    const world = new ToyWorld(policy())
    const home = world.addCopy([...guild('a', 26), ...strangers('s', 4)])
    world.addCopy([...guild('b', 2), { character: 'friend', party: 'P' }, { character: 'mate', party: 'P', guild: 'G' }, ...strangers('t', 17)])
    for (let i = 0; i < 120; i++) world.round()
    expect(world.copy(home).guilds.get('G')).toBe(29)
    expect(world.copy(home).parties.get('P')).toBe(2)
    expect(world.moved).toHaveLength(4)
  })

  it('a party that is larger than the credit does not keep smaller ones apart, and the moves are optional', () => {
    // 60 moves per hour and player, a quarter of an hour at most: credit for few moves.
    const world = new ToyWorld(policy({ reunite: 0.1 }))
    const home = world.addCopy([...guild('a', 26), ...strangers('s', 4)])
    world.addCopy([...guild('p', 8).map((member) => ({ ...member, party: 'P' })), ...guild('b', 1), ...strangers('t', 17)])
    for (let i = 0; i < 400; i++) world.round(5_000)
    expect(world.moved).toMatchObject([{ character: 'b0', cause: 'reunite' }])
    expect(world.copy(home).guilds.get('G')).toBe(27)
  })

  it('a player who has been on the map for long moves for fewer guild-mates', () => {
    const world = new ToyWorld(policy())
    world.addCopy([...guild('a', 6), ...strangers('s', 14)])
    world.addCopy([...guild('b', 1), ...strangers('t', 19)])
    for (let minute = 0; minute < 20; minute++) world.round(60_000)
    expect(world.moved).toHaveLength(0)
    for (let minute = 20; minute < 40; minute++) world.round(60_000)
    expect(world.moved).toMatchObject([{ character: 'b0' }])
  })

  it('no player moves to gain one or two guild-mates, or when the policy allows no reunions', () => {
    for (const [moves, apart] of [
      [{}, 8],
      [{ reunite: 0 }, 1],
    ] as const) {
      const world = new ToyWorld(policy(moves))
      world.addCopy([...guild('a', 10), ...strangers('s', 10)])
      world.addCopy([...guild('b', apart), ...strangers('t', 10)])
      for (let i = 0; i < 180; i++) world.round()
      expect(world.moved).toHaveLength(0)
    }
  })

  it('M4: while members come and go, no player is moved more often than the main copy of the guild changes, plus once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ copy: fc.boolean(), joins: fc.boolean(), n: fc.integer({ min: 1, max: 6 }) }), { minLength: 10, maxLength: 30 }),
        (churn) => {
          // A short `perPlayerEvery`, so that only the minimum gain limits the moves.
          const world = new ToyWorld(policy({ perPlayerEvery: '1s' }))
          const copies = [world.addCopy(guild('a', 6)), world.addCopy(guild('b', 6))]
          let [mainCopy, changes, serial] = [mainCopyOf(world), 0, 0]
          for (const { copy, joins, n } of churn) {
            const id = copies[copy ? 0 : 1] ?? ''
            const present = [...(world.copies.get(id)?.seats.keys() ?? [])]
            for (let i = 0; i < n; i++) {
              if (!joins) world.leave(present[i] ?? '')
              else if ((world.copies.get(id)?.seats.size ?? 99) < 35) world.seat(id, { character: `new${++serial}`, guild: 'G' })
            }
            for (let i = 0; i < 70; i++) {
              world.round()
              const now = mainCopyOf(world)
              if (now !== mainCopy) changes++
              mainCopy = now
            }
          }
          const times = new Map<string, number>()
          // Moves out of closing copies do not count.
          for (const { character, closing } of world.moved) if (!closing) times.set(character, (times.get(character) ?? 0) + 1)
          for (const moves of times.values()) expect(moves).toBeLessThanOrEqual(changes + 1)
        },
      ),
      { numRuns: 50 },
    )
  })
})
