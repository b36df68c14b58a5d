import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../model/random.ts'
import { sightOf } from '../sight.ts'
import { type Creature, distance, inReach, type Mind, type Prey, RETURN_MS, type Surroundings, stride, think, WANDER_M } from './behaviour.ts'
import { species } from './species.ts'

const preyOf = (...prey: Prey[]): ReadonlyMap<number, Prey> => new Map(prey.map((one) => [one.id, one]))
const around = (prey: Prey[], now: number, map = 'forest'): Surroundings => ({ prey: preyOf(...prey), sight: sightOf(map), now, random: seededRandom(5) })
const creature = (mind: Mind, more: Partial<Creature> = {}): Creature => ({
  species: species.wolf,
  home: { x: 0, y: 0 },
  x: 0,
  y: 0,
  threat: new Map(),
  mind,
  ...more,
})
const idle: Mind = { doing: 'idle', until: 100 }

describe('a creature', () => {
  it('stands for a time, then wanders near its home, then stands again', () => {
    expect(think(creature(idle), around([], 99))).toBe(idle)
    const mind = think(creature(idle), around([], 100))
    if (mind.doing !== 'wander') throw new Error(`it is ${mind.doing}`)
    expect(distance({ x: 0, y: 0 }, mind.to)).toBeLessThanOrEqual(WANDER_M)
    expect(think(creature(mind), around([], 101))).toBe(mind)
    expect(think(creature(mind, mind.to), around([], 101))).toMatchObject({ doing: 'idle' })
    expect(think(creature(mind), around([], mind.until))).toMatchObject({ doing: 'idle' })
  })

  it('does the same with the same random numbers', () => {
    const choices = (seed: number): Mind[] => {
      const random = seededRandom(seed)
      return Array.from({ length: 20 }, () => think(creature(idle), { ...around([], 100), random }))
    }
    expect(choices(7)).toEqual(choices(7))
    expect(choices(7)).not.toEqual(choices(8))
  })

  it('chases the nearest player within its range of aggression, and nobody beyond it', () => {
    const [near, nearer, far] = [
      { id: 1, x: 8, y: 0 },
      { id: 2, x: 0, y: 6 },
      { id: 3, x: species.wolf.aggroM + 1, y: 0 },
    ]
    expect(think(creature(idle), around([far], 0))).toBe(idle)
    expect(think(creature(idle), around([far, near, nearer], 0))).toEqual({ doing: 'chase', prey: 2 })
  })

  it('attacks nobody through a wall', () => {
    const at = { x: 15, y: 24 }
    const through = around([{ id: 1, x: 5, y: 34 }], 0, 'barrow')
    expect(think(creature(idle, { ...at, home: at }), around([{ id: 1, x: 15, y: 34 }], 0, 'barrow'))).toMatchObject({ doing: 'chase' })
    expect(think(creature(idle, { ...at, home: at, species: species.king }), through)).toBe(idle)
    const chasing = creature({ doing: 'chase', prey: 1 }, { x: 5, y: 28.9, species: species.king })
    expect(inReach(chasing, around([{ id: 1, x: 5, y: 31.1 }], 0, 'barrow'))).toBeUndefined()
    expect(inReach(chasing, around([{ id: 1, x: 5, y: 27 }], 0, 'barrow'))).toMatchObject({ id: 1 })
  })

  it('a peaceful creature chases only who attacked it, first the one that took most health', () => {
    const prey = [
      { id: 1, x: 1, y: 0 },
      { id: 2, x: 20, y: 0 },
    ]
    const boar = (threat: [number, number][], mind: Mind = idle) => creature(mind, { species: species.boar, threat: new Map(threat) })
    expect(think(boar([]), around(prey, 0))).toBe(idle)
    expect(think(boar([[2, 5]]), around(prey, 0))).toEqual({ doing: 'chase', prey: 2 })
    const threat: [number, number][] = [
      [1, 9],
      [2, 5],
    ]
    expect(think(boar(threat, { doing: 'chase', prey: 2 }), around(prey, 0))).toEqual({ doing: 'chase', prey: 1 })
  })

  it('returns when its prey is gone or its leash ends, ignores players on the way, and is home after a time at the latest', () => {
    const chase: Mind = { doing: 'chase', prey: 1 }
    const back = { doing: 'return', until: 50 + RETURN_MS }
    expect(think(creature(chase), around([], 50))).toEqual(back)
    const out = { x: species.wolf.leashM + 1, y: 0 }
    const mind = think(creature(chase, out), around([{ id: 1, x: out.x + 1, y: 0 }], 50))
    expect(mind).toEqual(back)
    const hated = { ...out, threat: new Map([[1, 9]]) }
    expect(think(creature(mind, hated), around([{ id: 1, x: out.x, y: 0 }], 60))).toBe(mind)
    expect(think(creature(mind), around([], 60))).toMatchObject({ doing: 'idle' })
    expect(think(creature(mind, out), around([], 50 + RETURN_MS))).toMatchObject({ doing: 'idle' })
  })

  it('walks towards its prey up to its reach, and slower than a player', () => {
    const chase = creature({ doing: 'chase', prey: 1 })
    const to = stride(chase, preyOf({ id: 1, x: 0, y: 10 }))
    expect(to).toEqual({ dx: 0, dy: species.wolf.pace })
    expect(stride(chase, preyOf({ id: 1, x: 0, y: 1 }))).toEqual({ dx: 0, dy: 0 })
    for (const { pace } of Object.values(species)) expect(pace).toBeLessThan(1)
  })

  it('lives again when its time has come', () => {
    const dead: Mind = { doing: 'dead', until: 10 }
    expect(think(creature(dead), around([{ id: 1, x: 0, y: 0 }], 9))).toBe(dead)
    expect(think(creature(dead), around([], 10))).toMatchObject({ doing: 'idle' })
  })
})
