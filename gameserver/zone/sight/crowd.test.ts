import { expect, it } from 'vitest'
import { defineEntities, plainEntities, withInitials } from '../../../model/wire/entities/defineEntities.ts'
import type { EntityView } from '../../../model/wire/snapshot.ts'
import { InterestGrid } from './interestGrid.ts'
import type { Moment } from './sight.ts'
import { Onlooker } from './testing/onlooker.ts'

/** Steps of 50 ms, a snapshot every second one: 12 s, of which the first two do not count. */
const STEPS = 240
const COUNTED_FROM = 40
const STEP_MS = 50

const at = (id: number, x: number, y: number): EntityView => ({ id, x, y, kind: 0, heading: 0, flags: 0, name: `n${id}` })
/** Places on a spiral, so that the distances from the centre are spread evenly over the area. */
const spiral = (id: number, radius: number, count: number): EntityView => {
  const [distance, turn] = [radius * Math.sqrt(id / count), id * 2.4]
  return at(id, distance * Math.cos(turn), distance * Math.sin(turn))
}

/** Everybody walks in circles at 6 m/s. Returns the ages of what a client in the middle sees, at each of its snapshots, and its bytes a second. */
function crowd(count: number, radius: number, moment: Partial<Moment> = {}) {
  const grid = new InterestGrid(30, plainEntities)
  const walkers = Array.from({ length: count }, (_, n) => spiral(n + 1, radius, count))
  for (const walker of walkers) grid.add(walker)
  const client = new Onlooker(grid, { radius: 60, margin: 8 })
  const newest = new Map<number, number>()
  const [inner, near, all]: [number[], number[], number[]] = [[], [], []]
  const updates = new Map<number, number>()
  let bytes = 0
  for (let tick = 1; tick <= STEPS; tick++) {
    for (const walker of walkers) {
      walker.heading = (tick * STEP_MS) / 1_000 + walker.id
      walker.x += 0.3 * Math.cos(walker.heading)
      walker.y += 0.3 * Math.sin(walker.heading)
    }
    grid.sync(tick)
    if (tick % 2 === 1) continue
    if (tick === COUNTED_FROM) bytes = client.bytes
    const snapshot = client.look({ x: 0, y: 0 }, tick, moment)
    for (const { id } of [...(snapshot?.entered ?? []), ...(snapshot?.changed ?? [])]) newest.set(id, tick)
    if (tick < COUNTED_FROM) continue
    for (const { id } of snapshot?.changed ?? []) updates.set(id, (updates.get(id) ?? 0) + 1)
    for (const [id, { x, y }] of client.seen) {
      // The age just before the next snapshot.
      const age = (tick + 2 - (newest.get(id) ?? 0)) * STEP_MS
      all.push(age)
      if (Math.hypot(x, y) <= 10) near.push(age)
      // Near for longer than since the last snapshot.
      if (Math.hypot(x, y) <= 6) inner.push(age)
    }
  }
  const ascending = (values: number[]): number[] => values.sort((a, b) => a - b)
  return {
    seen: client.seen.size,
    bytesPerSecond: (client.bytes - bytes) / (((STEPS - COUNTED_FROM) * STEP_MS) / 1_000),
    innerP95: ascending(inner)[Math.floor(inner.length * 0.95)] ?? Number.NaN,
    nearP95: ascending(near)[Math.floor(near.length * 0.95)] ?? Number.NaN,
    oldest: ascending(all).at(-1) ?? Number.NaN,
    updates,
  }
}

it('of 300 in one spot, who is near is fresh and nobody is older than a second, within 15 kB/s', () => {
  const { seen, bytesPerSecond, nearP95, oldest } = crowd(300, 25)
  expect(seen).toBe(300)
  expect(bytesPerSecond).toBeLessThanOrEqual(15_000)
  expect(nearP95).toBeLessThanOrEqual(150)
  expect(oldest).toBeLessThanOrEqual(1_000)
})

it('while the budget is short, far entities wait, near ones do not, and nobody waits for a second', () => {
  const { bytesPerSecond, nearP95, oldest } = crowd(300, 55, { bytesPerSecond: 6_000 })
  expect(bytesPerSecond).toBeLessThanOrEqual(6_000)
  expect(nearP95).toBeLessThanOrEqual(150)
  expect(oldest).toBeGreaterThan(300)
  expect(oldest).toBeLessThanOrEqual(1_000)
})

it('a budget that is too small for the bounded age is exceeded, and by no more than once itself', () => {
  const { bytesPerSecond } = crowd(300, 25, { bytesPerSecond: 1_500 })
  expect(bytesPerSecond).toBeGreaterThan(1_500)
  expect(bytesPerSecond).toBeLessThanOrEqual(3_100)
})

it('with `thin` far entities are sent less often although there are bytes', () => {
  const [usual, thinned] = [crowd(100, 55), crowd(100, 55, { thin: 4 })]
  expect(thinned.innerP95).toBe(usual.innerP95)
  expect(thinned.bytesPerSecond).toBeLessThan(0.6 * usual.bytesPerSecond)
  expect(thinned.oldest).toBeLessThanOrEqual(1_000)
})

it('an entity that acts on the viewer, one that the game weighs, and an urgent field come first', () => {
  const entities = defineEntities({ fields: { target: { type: 'entity' }, health: { type: 'u8', urgency: 'now' } } })
  const grid = new InterestGrid(30, entities)
  const walkers = Array.from({ length: 200 }, (_, n) => withInitials(entities, { ...at(n + 2, 40 + (n % 10), n / 20), target: 0, health: 9 }))
  const [attacker, weighed, hurt, other] = walkers
  if (attacker === undefined || weighed === undefined || hurt === undefined || other === undefined) throw new Error('200 walkers')
  attacker.target = 1
  for (const walker of walkers) grid.add(walker)
  const client = new Onlooker(grid, { radius: 60, margin: 8 })
  client.sight.weigh(weighed.id, 4)
  const updates = new Map<number, number>()
  let hurtAt: number | undefined
  for (let tick = 1; tick <= 200; tick++) {
    for (const walker of walkers) walker.x += tick % 40 < 20 ? 0.3 : -0.3
    if (tick === 150) hurt.health = 3
    grid.sync(tick)
    if (tick % 2 === 1) continue
    const snapshot = client.look({ x: 0, y: 0, id: 1 }, tick, { bytesPerSecond: 2_500 })
    for (const { id } of snapshot?.changed ?? []) updates.set(id, (updates.get(id) ?? 0) + 1)
    if (hurtAt === undefined && (client.seen.get(hurt.id) as typeof hurt | undefined)?.health === 3) hurtAt = tick
  }
  expect(hurtAt).toBe(150)
  const usual = updates.get(other.id) ?? 0
  expect(updates.get(attacker.id)).toBeGreaterThan(2 * usual)
  expect(updates.get(weighed.id)).toBeGreaterThan(2 * usual)
})

it('a client whose budget was short has every position exactly when the crowd stands still', () => {
  const grid = new InterestGrid(30, plainEntities)
  const walkers = Array.from({ length: 150 }, (_, n) => spiral(n + 2, 40, 150))
  for (const walker of walkers) grid.add(walker)
  const client = new Onlooker(grid, { radius: 60, margin: 8 })
  let waited = 0
  for (let tick = 1; tick <= 120; tick++) {
    if (tick <= 60)
      for (const { id, ...at } of walkers) Object.assign(grid.get(id) ?? {}, { x: at.x + ((tick + id) % 5) / 4 - 0.5, y: at.y + (tick % 2) / 2 - 0.25 })
    grid.sync(tick)
    const changed = client.look({ x: 0, y: 0 }, tick, { bytesPerSecond: 2_500 })?.changed.length ?? 0
    if (tick <= 60 && changed < walkers.length) waited++
  }
  expect(waited).toBeGreaterThan(40)
  const { table } = grid
  for (const { id } of walkers) {
    const slot = table.slotOf(id) ?? -1
    expect(client.seen.get(id)).toMatchObject({ x: (table.x[slot] ?? 0) / table.perMetre, y: (table.y[slot] ?? 0) / table.perMetre })
  }
})
