import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { type Person, ToyWorld } from '../testing/toyWorld.ts'

const guild = (prefix: string, n: number, name = 'G'): Person[] => Array.from({ length: n }, (_, i) => ({ character: `${prefix}${i}`, guild: name }))
const strangers = (prefix: string, n: number): Person[] => Array.from({ length: n }, (_, i) => ({ character: `${prefix}${i}` }))
const policy = (moves: Record<string, unknown> = {}) => toyPolicy({ copies: { min: 2 }, moves: { reunite: 60, perMinute: 600, ...moves } })

/** Where most of the guild is. */
function anchorOf(world: ToyWorld): string | undefined {
  const homes = [...world.copies].map(([id, { guilds }]) => ({ id, members: guilds.get('G') ?? 0 }))
  return homes.sort((a, b) => b.members - a.members || (a.id < b.id ? -1 : 1))[0]?.id
}

describe('reunions', () => {
  it('the few who were seated apart are brought to where most of their guild is, within the budget, and with their party', () => {
    const world = new ToyWorld(policy())
    const home = world.addCopy([...guild('a', 26), ...strangers('s', 4)])
    world.addCopy([...guild('b', 2), { character: 'friend', party: 'P' }, { character: 'mate', party: 'P', guild: 'G' }, ...strangers('t', 17)])
    for (let i = 0; i < 120; i++) world.round()
    expect(world.copy(home).guilds.get('G')).toBe(29)
    expect(world.copy(home).parties.get('P')).toBe(2)
    expect(world.moved).toHaveLength(4)
  })

  it('who has been there for long, and so stays for long, is brought to fewer mates', () => {
    const world = new ToyWorld(policy())
    world.addCopy([...guild('a', 6), ...strangers('s', 14)])
    world.addCopy([...guild('b', 1), ...strangers('t', 19)])
    for (let minute = 0; minute < 20; minute++) world.round(60_000)
    expect(world.moved).toHaveLength(0)
    for (let minute = 20; minute < 40; minute++) world.round(60_000)
    expect(world.moved).toMatchObject([{ character: 'b0' }])
  })

  it('nobody is moved for the sake of one or two, nor where the policy wants no such moves', () => {
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

  it('M4: under a churning roster nobody is moved more often than the anchor changes, and one time more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ copy: fc.boolean(), joins: fc.boolean(), n: fc.integer({ min: 1, max: 6 }) }), { minLength: 10, maxLength: 30 }),
        (churn) => {
          // So that only the hysteresis holds them back, and not the rest between two moves.
          const world = new ToyWorld(policy({ perPlayerEvery: '1s' }))
          const copies = [world.addCopy(guild('a', 6)), world.addCopy(guild('b', 6))]
          let [anchor, changes, serial] = [anchorOf(world), 0, 0]
          for (const { copy, joins, n } of churn) {
            const id = copies[copy ? 0 : 1] ?? ''
            const present = [...(world.copies.get(id)?.seats.keys() ?? [])]
            for (let i = 0; i < n; i++) {
              if (!joins) world.leave(present[i] ?? '')
              else if ((world.copies.get(id)?.seats.size ?? 99) < 35) world.seat(id, { character: `new${++serial}`, guild: 'G' })
            }
            for (let i = 0; i < 70; i++) {
              world.round()
              const now = anchorOf(world)
              if (now !== anchor) changes++
              anchor = now
            }
          }
          const times = new Map<string, number>()
          // Whose copy closes has to go somewhere, wherever the guild is.
          for (const { character, closing } of world.moved) if (!closing) times.set(character, (times.get(character) ?? 0) + 1)
          for (const moves of times.values()) expect(moves).toBeLessThanOrEqual(changes + 1)
        },
      ),
      { numRuns: 50 },
    )
  })
})
