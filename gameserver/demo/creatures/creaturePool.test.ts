import { expect, it } from 'vitest'
import { defined } from '../../../model/defined.ts'
import { seededRandom } from '../../../model/random.ts'
import { barrowRooms } from '../barrow.ts'
import { FLAG } from '../flags.ts'
import { demoMap, resourceNodes } from '../maps.ts'
import { insideWall } from '../walls.ts'
import { distance, type Prey } from './behaviour.ts'
import { CreaturePool, IDLE_PER_STEP, type PoolStep, WAKE_M } from './creaturePool.ts'
import { spawnTable } from './spawnTables.ts'
import { species } from './species.ts'

const STEP_MS = 50

/** A pool in virtual time. */
class Run {
  readonly pool: CreaturePool
  now = 0
  constructor(map: string, { seed = 1, table }: { seed?: number; table?: ReturnType<typeof spawnTable> } = {}) {
    this.pool = new CreaturePool(map, { random: seededRandom(seed), now: 0, ...defined({ table }) })
  }
  steps(count: number, ...prey: Prey[]): PoolStep[] {
    const players = new Map(prey.map((one) => [one.id, one]))
    return Array.from({ length: count }, () => {
      this.now += STEP_MS
      return this.pool.step(this.now, players)
    })
  }
  places(): string {
    return JSON.stringify(this.pool.views())
  }
}
const lone = (kind: keyof typeof species, x = 0, y = 0) => [{ species: species[kind], x, y }]

it('creatures far from every player sleep: they do not move, and cost no thought', () => {
  const run = new Run('forest')
  const before = run.places()
  expect(run.steps(200, { id: 1, x: 280, y: 280 }).flatMap(({ changed }) => changed)).toEqual([])
  expect(run.pool.awake).toBe(0)
  expect(run.places()).toBe(before)
  run.steps(200, { id: 1, x: 0, y: 0 })
  expect(run.pool.awake).toBeGreaterThan(3)
  expect(run.pool.awake).toBeLessThan(run.pool.views().length)
  for (const { id, x, y } of JSON.parse(before) as { id: number; x: number; y: number }[]) {
    const now = run.pool.views().find((view) => view.id === id)
    if (distance({ x, y }, { x: 0, y: 0 }) > WAKE_M + 10) expect(now).toMatchObject({ x, y })
  }
})

it('equal seeds give equal herds', () => {
  const places = (seed: number): string => {
    const run = new Run('forest', { seed })
    run.steps(400, { id: 1, x: 0, y: 0 })
    return run.places()
  }
  expect(places(3)).toBe(places(3))
  expect(places(3)).not.toBe(places(4))
})

it('a large herd around a player thinks in turns: no step moves more than its budget, and every creature moves', () => {
  const table = Array.from({ length: 60 }, (_, index) => ({ species: species.boar, x: (index % 10) * 3, y: Math.floor(index / 10) * 3 }))
  const run = new Run('forest', { table })
  const moved = new Set<number>()
  for (const { changed } of run.steps(600, { id: 1, x: 0, y: 0 })) {
    expect(changed.length).toBeLessThanOrEqual(IDLE_PER_STEP)
    for (const { id } of changed) moved.add(id)
  }
  expect(moved.size).toBe(60)
})

it('a wolf runs to a player who comes near, bites in its time, and goes home with full health when the player has left', () => {
  const run = new Run('forest', { table: lone('wolf') })
  const wolf = run.pool.views()[0]
  if (wolf === undefined) throw new Error('one wolf')
  const player = { id: 1, x: 10, y: 0 }
  const seconds = 6
  const swings = run.steps((seconds * 1000) / STEP_MS, player).flatMap((step) => step.swings)
  expect(swings.length).toBeGreaterThanOrEqual(3)
  expect(swings.length).toBeLessThanOrEqual((seconds * 1000) / species.wolf.everyMs + 1)
  expect(swings[0]).toEqual({ by: wolf.id, at: 1, damage: species.wolf.damage })
  expect(wolf).toMatchObject({ target: 1, health: 100 })
  run.pool.hurt(wolf.id, 1, 10, run.now)
  expect(run.pool.living(wolf.id)?.health).toBe(species.wolf.health - 10)
  run.steps(400)
  expect(run.pool.living(wolf.id)?.health).toBe(species.wolf.health)
  expect(distance(wolf, { x: 0, y: 0 })).toBeLessThan(1)
  expect(wolf.target).toBe(0)
})

it('a creature that is killed lies where it fell, is hurt no more, and lives again at home when its time has come', () => {
  const run = new Run('forest', { table: lone('boar', 5, 5) })
  const boar = run.pool.views()[0]
  if (boar === undefined) throw new Error('one boar')
  expect(run.pool.hurt(boar.id, 1, 15, run.now)).toEqual({ health: species.boar.health - 15, by: [] })
  run.steps(20, { id: 1, x: 12, y: 5 })
  expect(run.pool.hurt(boar.id, 2, 100, run.now)).toEqual({ health: 0, by: [1, 2] })
  expect(run.pool.hurt(boar.id, 2, 1, run.now)).toBeUndefined()
  expect(run.pool.living(boar.id)).toBeUndefined()
  const { x, y } = boar
  expect(run.steps(20, { id: 1, x: 12, y: 5 })[0]?.changed).toEqual([boar])
  expect(boar).toMatchObject({ x, y, flags: FLAG.dead })
  // Nobody is near: it lives again all the same.
  run.steps(species.boar.respawnMs / STEP_MS + 20)
  expect(boar).toMatchObject({ x: 5, y: 5, flags: 0 })
  expect(run.pool.living(boar.id)?.health).toBe(species.boar.health)
})

it('a creature on its way home cannot be hurt, and one of a dungeon stays dead', () => {
  const [, room] = barrowRooms
  const run = new Run('barrow', { table: lone('wight', room?.x, room?.y) })
  const wight = run.pool.views()[0]
  if (wight === undefined) throw new Error('one wight')
  run.steps(40, { id: 1, x: wight.x + 8, y: wight.y })
  run.steps(1)
  expect(run.pool.hurt(wight.id, 1, 1, run.now)).toBeUndefined()
  run.steps(200)
  expect(run.pool.hurt(wight.id, 1, species.wight.health, run.now)).toMatchObject({ health: 0 })
  run.steps(10_000)
  expect(run.pool.living(wight.id)).toBeUndefined()
})

it('no creature walks through a wall, and all homes are outside of walls and within their leash', () => {
  const run = new Run('barrow')
  const player = { id: 1, ...(barrowRooms[1] ?? { x: 0, y: 0 }) }
  const { walls } = demoMap('barrow')
  for (let step = 0; step < 400; step++) {
    run.steps(1, player)
    for (const view of run.pool.views()) expect(insideWall(walls, view)).toBe(false)
  }
  for (const map of ['forest', 'hills', 'marsh', 'barrow']) {
    const ids = [...new CreaturePool(map, { random: seededRandom(1), now: 0 }).views(), ...resourceNodes(map)].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const home of spawnTable(map)) expect(insideWall(demoMap(map).walls, home), `${map} ${home.x} ${home.y}`).toBe(false)
  }
})
