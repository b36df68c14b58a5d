import { describe, expect, it } from 'vitest'
import { plan } from './plan.ts'
import { toyPolicy } from './testing/toyPolicy.ts'
import { type Person, ToyWorld } from './testing/toyWorld.ts'

const people = (prefix: string, n: number, more: Partial<Person> = {}): Person[] =>
  Array.from({ length: n }, (_, i) => ({ character: `${prefix}${i}`, ...more }))

/** Seats a player as the placer would: in the fullest open copy below the soft cap. */
function enter(world: ToyWorld, person: Person): boolean {
  const { soft } = world.policy.capacity
  const open = [...world.copies.values()].filter(({ copy, seats }) => copy.state === 'open' && seats.size < soft)
  const fullest = open.sort((a, b) => b.seats.size - a.seats.size)[0]
  if (fullest !== undefined) world.seat(fullest.copy.id, person)
  return fullest !== undefined
}

describe('opening', () => {
  it('keeps at least the minimum and at most the maximum of copies', () => {
    const world = new ToyWorld(toyPolicy({ copies: { min: 2, max: 3 } }))
    expect(world.round().filter(({ type }) => type === 'open')).toHaveLength(2)
    expect(world.round().filter(({ type }) => type === 'open')).toHaveLength(0)
    world.waiting = 1000
    world.round()
    expect(world.copies.size).toBe(3)
    expect(world.round()).toEqual([])
  })

  it('a crowd of 300 players within 20 s finds open copies, and copies merge within 20 s after half of it has left', () => {
    const world = new ToyWorld(toyPolicy({ copies: { min: 1 } }), 2_500)
    world.round()
    for (let i = 0; i < 3; i++) world.round()
    let turnedAway = 0
    const line: Person[] = []
    for (let second = 0; second < 25; second++) {
      if (second < 20) line.push(...people(`s${second}-`, 15))
      const still = line.splice(0).filter((person) => !enter(world, person))
      line.push(...still)
      turnedAway += still.length
      world.waiting = line.length
      world.round()
    }
    expect(world.players).toBe(300)
    expect(world.copies.size).toBeGreaterThanOrEqual(8)
    expect(turnedAway).toBeLessThan(120)
    for (let i = 0; i < 15; i++) world.round()
    const before = world.copies.size
    for (let second = 0; second < 20; second += 2) for (let i = 0; i < 15; i++) world.leave(`s${second}-${i}`)
    for (let i = 0; i < 20; i++) world.round()
    expect(world.copies.size).toBeLessThanOrEqual(before - 3)
    expect(world.players).toBe(150)
  })

  it('opens spare copies as the policy says', () => {
    const world = new ToyWorld(toyPolicy({ copies: { warm: 2 } }))
    world.addCopy(people('a', 10))
    expect(world.round().filter(({ type }) => type === 'open')).toHaveLength(2)
  })
})

describe('closing', () => {
  it('C1: a copy that fills above cancelAbove while it closes opens again', () => {
    const world = new ToyWorld(toyPolicy())
    const [a] = [world.addCopy(people('a', 20), 's1', 0), world.addCopy(people('b', 5), 's1', 0)]
    world.addCopy(people('c', 10), 's1', 0)
    expect(world.round().some(({ type }) => type === 'close')).toBe(true)
    const closing = [...world.copies.values()].find(({ copy }) => copy.state === 'closing')
    expect(closing?.copy.id).not.toBe(a)
    for (const person of people('company', 25)) world.seat(closing?.copy.id ?? '', person)
    expect(world.round()).toContainEqual(expect.objectContaining({ type: 'reopen', copy: closing?.copy.id }))
  })

  it('a copy that is needed opens again before a new one is opened', () => {
    const world = new ToyWorld(toyPolicy({ moves: { perMinute: 1 } }))
    for (const name of ['a', 'b']) world.addCopy(people(name, 9), 's1', 0)
    expect(world.round().map(({ type }) => type)).toContain('close')
    world.waiting = 15
    const types = world.round().map(({ type }) => type)
    expect(types).toContain('reopen')
    expect(types).not.toContain('open')
  })

  it('P1: a party moves together to the copy with the rest of it, and guild-mates move to guild-mates', () => {
    const world = new ToyWorld(toyPolicy({ moves: { perMinute: 4 } }))
    const a = world.addCopy([...people('x', 20), ...people('g', 1, { guild: 'G' })], 's1', 0)
    const b = world.addCopy([...people('y', 20), ...people('p', 1, { party: 'P' })], 's1', 0)
    const c = world.addCopy([...people('q', 2, { party: 'P' }), ...people('h', 2, { guild: 'G' })], 's1', 0)
    for (let i = 0; i < 5; i++) world.round()
    expect(world.copy(a).guilds.get('G')).toBe(3)
    expect(world.copy(b).parties.get('P')).toBe(3)
    expect(world.copies.has(c)).toBe(false)
  })

  it('C2: after the deadline a closing ends, even when a player was moved a moment ago', () => {
    const world = new ToyWorld(toyPolicy({ merge: { minAge: '10s', rest: 5, deadline: '30s' } }))
    world.addCopy(people('a', 10), 's1', 0)
    const b = world.addCopy(people('b', 5), 's1', 0)
    world.memory = { ...world.memory, lastMoved: new Map([['b3', world.now - 1_000]]) }
    for (let i = 0; i < 10; i++) world.round()
    expect([...world.copy(b).seats.keys()]).toEqual(['b3'])
    for (let i = 0; i < 25; i++) world.round()
    expect(world.copies.has(b)).toBe(false)
  })

  it('a player on the move gets no second order', () => {
    const world = new ToyWorld(toyPolicy())
    world.addCopy(people('a', 10), 's1', 0)
    world.addCopy(people('b', 5), 's1', 0)
    world.moving.add('b0')
    const ordered = world.round().flatMap((action) => (action.type === 'move' ? action.characters : []))
    expect(ordered).toHaveLength(4)
    expect(ordered).not.toContain('b0')
  })
})

describe('servers', () => {
  it('copies on a draining server close at once, and their players move when another copy can take them; it is opened first when there is none', () => {
    const world = new ToyWorld(toyPolicy(), 2_000)
    const a = world.addCopy(people('a', 30))
    world.addServer('s2')
    world.draining.add('s1')
    const types = world.round().map(({ type }) => type)
    expect(types).toContain('open')
    expect(world.copy(a).copy).toMatchObject({ state: 'closing', reason: 'drain', successors: [] })
    expect(world.moved).toEqual([])
    for (let i = 0; i < 5; i++) world.round()
    expect(world.copies.has(a)).toBe(false)
    expect(world.moved.every(({ cause }) => cause === 'drain')).toBe(true)
    expect(world.players).toBe(30)
  })

  it('M3: a stopping server waits for busy players until forced moves start; a marked server waits for the deadline of the policy', () => {
    for (const [leavesInMs, waitsMs] of [
      [undefined, 3_600_000],
      [570_000, 540_000],
      [2_000, -28_000],
    ] as const) {
      const world = new ToyWorld(toyPolicy({ merge: { deadline: '1h' } }))
      const a = world.addCopy(people('a', 3))
      world.addServer('s2')
      world.addCopy(people('b', 3), 's2')
      world.draining.add('s1')
      const at = world.now + 1_000
      const report = world.servers.get('s1')
      if (report !== undefined && leavesInMs !== undefined) world.servers.set('s1', { ...report, draining: true, leavesBy: at + leavesInMs })
      const actions = world.round()
      expect(actions).toContainEqual(expect.objectContaining({ type: 'close', copy: a, reason: 'drain', deadline: at + waitsMs }))
      expect(actions).toContainEqual(expect.objectContaining({ type: 'move', from: a, cause: 'drain', deadline: at + waitsMs }))
    }
  })

  it('P4: players stay on a draining server until another server speaks their protocol', () => {
    const world = new ToyWorld(toyPolicy())
    const speak = (id: string, min: number, max: number): void => {
      const report = world.servers.get(id)
      if (report !== undefined) world.servers.set(id, { ...report, protocol: { min, max } })
    }
    const old = world.addCopy(people('old', 3))
    world.addServer('s2')
    speak('s2', 2, 3)
    world.addCopy(people('new', 3), 's2')
    world.draining.add('s1')
    for (let i = 0; i < 90; i++) world.round()
    expect(world.moved).toEqual([])
    expect(world.copy(old).copy).toMatchObject({ state: 'closing', successors: [] })
    expect(world.copy(old).seats.size).toBe(3)
    speak('s2', 1, 3)
    for (let i = 0; i < 5; i++) world.round()
    expect(world.moved).toHaveLength(3)
  })

  it('P4: players stay on a draining server until the game of another server reads their saved state', () => {
    const world = new ToyWorld(toyPolicy())
    const copy = (id: string, states: { writes: number; reads: number }): void => {
      const standing = world.copy(id)
      standing.copy = { ...standing.copy, states }
    }
    const newer = world.addCopy(people('new', 3))
    world.addServer('s2')
    const older = world.addCopy(people('old', 3), 's2')
    copy(newer, { writes: 2, reads: 2 })
    copy(older, { writes: 1, reads: 1 })
    world.draining.add('s1')
    for (let i = 0; i < 90; i++) world.round()
    expect(world.moved).toEqual([])
    copy(older, { writes: 1, reads: 2 })
    for (let i = 0; i < 5; i++) world.round()
    expect(world.moved).toHaveLength(3)
  })

  it('players of a copy that an operator closes are moved with the cause drain', () => {
    const world = new ToyWorld(toyPolicy())
    const a = world.addCopy(people('a', 3))
    world.addCopy(people('b', 3))
    world.apply({ type: 'close', map: 'forest', copy: a, reason: 'operator', successors: [], deadline: world.now + 60_000, why: '' })
    for (let i = 0; i < 3; i++) world.round()
    expect(world.moved.map(({ cause }) => cause)).toEqual(['drain', 'drain', 'drain'])
  })

  it('copies whose server is gone, or silent for too long, are lost and replaced', () => {
    const world = new ToyWorld(toyPolicy())
    const a = world.addCopy(people('a', 5))
    world.servers.delete('s1')
    world.addServer('s2')
    const actions = world.round()
    expect(actions).toContainEqual(expect.objectContaining({ type: 'lose', copy: a }))
    expect(actions).toContainEqual(expect.objectContaining({ type: 'open' }))
    const [b] = world.copies.keys()
    for (let i = 0; i < 3; i++) world.round()
    const input = { ...world.input(), now: world.now + 5_001 }
    expect(plan(input).actions).toContainEqual(expect.objectContaining({ type: 'lose', copy: b }))
  })

  it('fleets grow with the planned openings, and shrink only after a minute of surplus', () => {
    const world = new ToyWorld(toyPolicy({ copies: { min: 7 } }))
    world.fleet = { ready: 1, allocated: 1, starting: 0, lost: 0, roomsPerServer: 2 }
    expect(world.round()).toContainEqual(expect.objectContaining({ type: 'scale', servers: 5 }))
    world.fleet = { ready: 9, allocated: 4, starting: 0, lost: 0, roomsPerServer: 2 }
    for (let i = 0; i < 60; i++) expect(world.round().some(({ type }) => type === 'scale')).toBe(false)
    expect(world.round()).toContainEqual(expect.objectContaining({ type: 'scale', servers: 5 }))
  })

  it('a fleet scales to zero when it is empty and none of its policies wants a copy; the first player in line scales it up', () => {
    const world = new ToyWorld(toyPolicy({ copies: { min: 0, warm: 0 } }))
    const [person] = people('a', 1)
    const last = world.addCopy(person === undefined ? [] : [person])
    for (let i = 0; i < 90; i++) expect(world.round().some(({ type }) => type === 'close')).toBe(false)
    world.leave(person?.character ?? '')
    const closed = Array.from({ length: 30 }, () => world.round()).flat()
    expect(closed).toContainEqual(expect.objectContaining({ type: 'close', copy: last, reason: 'empty' }))
    expect(world.copies.size).toBe(0)
    world.fleet = { ready: 1, allocated: 0, starting: 0, lost: 0, roomsPerServer: 2 }
    const slept = Array.from({ length: 90 }, () => world.round()).flat()
    expect(slept).toContainEqual(expect.objectContaining({ type: 'scale', servers: 0 }))
    world.fleet = { ready: 0, allocated: 0, starting: 0, lost: 0, roomsPerServer: 2 }
    expect(world.round()).toEqual([])
    world.waiting = 1
    const woken = world.round()
    expect(woken).toContainEqual(expect.objectContaining({ type: 'open' }))
    expect(woken).toContainEqual(expect.objectContaining({ type: 'scale', servers: 2 }))
  })

  it('with `warm: auto` an empty map keeps its copy when it is often visited, and closes it when it is rarely visited', () => {
    const [quiet, busy] = [new ToyWorld(toyPolicy({ copies: { min: 0 } })), new ToyWorld(toyPolicy({ copies: { min: 0 } }))]
    for (const [world, visitors] of [
      [quiet, 1],
      [busy, 12],
    ] as const) {
      world.waiting = 1
      world.round()
      world.waiting = 0
      for (let i = 0; i < 5; i++) world.round()
      for (const person of people('a', visitors)) enter(world, person)
      world.round()
      for (let i = 0; i < visitors; i++) world.leave(`a${i}`)
      for (let minute = 0; minute < 60; minute++) world.round(60_000)
    }
    expect(quiet.copies.size).toBe(0)
    expect(busy.copies.size).toBe(1)
    // Only a player in line opens a copy again.
    for (let minute = 0; minute < 60; minute++) expect(quiet.round(60_000)).toEqual([])
    quiet.waiting = 1
    expect(quiet.round()).toContainEqual(expect.objectContaining({ type: 'open' }))
  })

  it('a fleet keeps a server ready when one of its maps wants a copy or a spare one', () => {
    for (const copies of [
      { min: 0, warm: 'auto' },
      { min: 1, warm: 0 },
    ]) {
      const world = new ToyWorld(toyPolicy({ copies }))
      world.fleet = { ready: 1, allocated: 0, starting: 0, lost: 0, roomsPerServer: 2 }
      const actions = Array.from({ length: 90 }, () => world.round()).flat()
      expect(actions.some((action) => action.type === 'scale' && action.servers === 0)).toBe(false)
    }
  })
})
