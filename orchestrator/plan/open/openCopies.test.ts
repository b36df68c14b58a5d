import { describe, expect, it } from 'vitest'
import { defined } from '../../../model/defined.ts'
import { companyShare } from '../forecast/companyShare.ts'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { ToyWorld } from '../testing/toyWorld.ts'
import { comfortCapacity } from '../view/capacity.ts'

const MINUTE = 60
const patient = toyPolicy({ open: { leadTime: '3s', above: '75%', patience: '5m' } })

function worldOf(players: number): ToyWorld {
  const world = new ToyWorld(patient)
  const copy = world.addCopy()
  for (let i = 0; i < players; i++) world.seat(copy, { character: `p${i}` })
  return world
}

describe('open.patience', () => {
  it('a wave of players that leaves within it opens no copy; a wave that stays opens one', () => {
    const world = worldOf(26)
    for (let i = 0; i < 6 * MINUTE; i++) world.round()
    for (let i = 0; i < 8; i++) world.seat('c1', { character: `wave${i}` })
    for (let i = 0; i < 4 * MINUTE; i++) world.round()
    expect(world.copies.size).toBe(1)
    for (let i = 0; i < 8; i++) world.leave(`wave${i}`)
    for (let i = 0; i < 6 * MINUTE; i++) world.round()
    expect(world.copies.size).toBe(1)
    for (let i = 0; i < 8; i++) world.seat('c1', { character: `wave${i}` })
    for (let i = 0; i < 6 * MINUTE; i++) world.round()
    expect(world.copies.size).toBe(2)
  })

  it('copies for players above the soft caps open at once', () => {
    const world = worldOf(26)
    for (let i = 0; i < 6 * MINUTE; i++) world.round()
    for (let i = 0; i < 14; i++) world.seat('c1', { character: `rush${i}` })
    for (let i = 0; i < 3; i++) world.round()
    expect(world.copies.size).toBe(2)
  })
})

describe('seats kept free for company', () => {
  const playersAtOpening = (guild: (n: number) => string | undefined): number => {
    const world = new ToyWorld(toyPolicy({ merge: { below: '1%' } }))
    world.addCopy()
    for (let n = 0; n < 200; n++) {
      const name = guild(n)
      const roomiest = [...world.copies].sort(([, a], [, b]) => a.seats.size - b.seats.size)[0]?.[0] ?? ''
      world.seat(roomiest, { character: `p${n}`, ...defined({ guild: name }) })
      for (let i = 0; i < 40; i++) world.round()
      if (world.copies.size === 3) return world.players
    }
    return Number.POSITIVE_INFINITY
  }

  it('copies open earlier on a map where players have guild-mates than on a map of strangers', () => {
    const strangers = playersAtOpening(() => undefined)
    const guilds = playersAtOpening((n) => `g${n % 5}`)
    expect(strangers).toBeGreaterThan(55)
    expect(guilds).toBeLessThan(strangers - 5)
  })

  it('the share is 0 without guild-mates, grows less with each further one, and stays below 0.4', () => {
    const share = (mean: number) => companyShare(toyPolicy(), { mean, at: 0 })
    expect(share(0)).toBe(0)
    expect(share(1)).toBeGreaterThan(0.1)
    expect(share(2) - share(1)).toBeGreaterThan(0)
    expect(share(2) - share(1)).toBeLessThan(share(1) / 2)
    expect(share(1000)).toBeLessThan(0.4)
  })

  it('the share has no effect while there is one copy', () => {
    const policy = toyPolicy()
    expect(comfortCapacity({ policy, companyShare: 0.3 }, 1)).toBeCloseTo(comfortCapacity({ policy, companyShare: 0 }, 1))
    expect(comfortCapacity({ policy, companyShare: 0.3 }, 3)).toBeLessThan(comfortCapacity({ policy, companyShare: 0 }, 3))
  })
})

describe('C2: seats for players of copies that have to end', () => {
  const full = (world: ToyWorld, copy: string, server: string) =>
    world.addCopy(
      Array.from({ length: world.policy.capacity.hard }, (_, n) => ({ character: `${copy}-${n}` })),
      server,
    )
  const bounded = toyPolicy({ copies: { max: 1 } })

  it('a draining copy gets empty when the cap or copies.max was lowered below the players; then the map goes no further above copies.max', () => {
    const world = new ToyWorld(bounded)
    world.addServer('s2')
    const draining = full(world, 'a', 's1')
    const staying = full(world, 'b', 's2')
    world.draining.add('s1')
    for (let i = 0; i < 3 * MINUTE; i++) world.round()
    expect([world.copies.has(draining), world.copies.has(staying), world.copies.size]).toEqual([false, true, 2])
    expect(world.players).toBe(2 * world.policy.capacity.hard)
    const opened = [...world.copies.keys()]
    for (let i = 0; i < 5 * MINUTE; i++) world.round()
    expect([...world.copies.keys()]).toEqual(opened)
  })

  it('copies.max holds while the players of the draining copy find seats, and for players who wait', () => {
    const world = new ToyWorld(bounded)
    world.addServer('s2')
    world.addCopy([{ character: 'a' }], 's1')
    const staying = world.addCopy([{ character: 'b' }], 's2')
    world.waiting = 500
    world.draining.add('s1')
    for (let i = 0; i < MINUTE; i++) {
      expect(world.round().filter(({ type }) => type === 'open')).toEqual([])
    }
    expect([...world.copies.keys()]).toEqual([staying])
  })
})
