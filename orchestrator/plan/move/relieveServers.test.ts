import { describe, expect, it } from 'vitest'
import type { LoadLevel } from '../../../model/load.ts'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { ToyWorld } from '../testing/toyWorld.ts'

const policy = toyPolicy({ capacity: { soft: 40, hard: 50, company: 0 }, moves: { perMinute: 60, perPlayerEvery: '30m' }, copies: { min: 1, warm: 0 } })

/** A copy with 20 players on the server `s1`, which reports this load; `s2` has CPU. */
function worldAt(load: LoadLevel): ToyWorld {
  const world = new ToyWorld(policy)
  world.addServer('s2')
  report(world, load)
  world.addCopy(Array.from({ length: 20 }, (_, n) => ({ character: `p${n}` })))
  return world
}

function report(world: ToyWorld, load: LoadLevel): void {
  const s1 = world.servers.get('s1')
  if (s1 !== undefined) world.servers.set('s1', { ...s1, load })
}

describe('a server that is short of CPU', () => {
  it('L3: changes nothing for the planner up to level 2', () => {
    const world = worldAt(2)
    for (let n = 0; n < 60; n++) world.round()
    expect([world.copies.size, world.moved.length]).toEqual([1, 0])
  })

  it('L3: counts as full from level 3 on: growth opens another copy, and nobody is moved', () => {
    const world = worldAt(3)
    world.waiting = 3
    for (let n = 0; n < 60; n++) world.round()
    expect([world.copies.size, world.moved.length]).toEqual([2, 0])
    expect([...world.copies.values()].map(({ copy }) => copy.server)).toEqual(['s1', 's2'])
  })

  it('L3, M4: at level 4 another copy opens and players are moved there, each once, until the server has recovered', () => {
    const world = worldAt(4)
    world.addCopy([], 's2')
    const second = [...world.copies.keys()].at(-1) ?? ''
    for (let n = 0; n < 5; n++) world.round()
    expect(world.moved.length).toBeGreaterThan(0)
    expect(world.moved.every(({ cause }) => cause === 'relief')).toBe(true)
    expect(new Set(world.moved.map(({ character }) => character)).size).toBe(world.moved.length)
    expect(world.copy(second).seats.size).toBe(world.moved.length)
    const moved = world.moved.length
    report(world, 0)
    for (let n = 0; n < 20; n++) world.round()
    expect(world.moved.filter(({ cause }) => cause === 'relief')).toHaveLength(moved)
  })

  it('L3: at level 4 a copy opens even if nobody comes', () => {
    const world = worldAt(4)
    const why = expect.stringContaining('1 of 1 copy cannot take newcomers (server short of CPU); 2 are wanted')
    expect(world.round()).toContainEqual(expect.objectContaining({ type: 'open', why }))
  })

  it('L3: where all servers are short of CPU, the copies do not multiply', () => {
    const world = worldAt(4)
    for (const id of ['s2', 's3', 's4', 's5']) {
      world.addServer(id)
      for (let n = 0; n < 60; n++) world.round()
      for (const [server, one] of world.servers) world.servers.set(server, { ...one, load: 4 })
    }
    expect(world.copies.size).toBeLessThanOrEqual(3)
  })

  it('L3, C3: while it lasts, the number of copies settles', () => {
    const world = worldAt(4)
    for (let n = 0; n < 120; n++) world.round()
    const settled = world.copies.size
    for (let n = 0; n < 300; n++) world.round()
    expect(world.copies.size).toBe(settled)
    expect(settled).toBe(2)
  })
})
