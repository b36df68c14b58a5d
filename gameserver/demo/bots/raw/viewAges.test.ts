import { expect, it } from 'vitest'
import { plainEntities } from '../../../../model/wire/entities/defineEntities.ts'
import { Everything } from '../../../../model/wire/entities/testing/everything.ts'
import { Millis } from './millis.ts'
import { ViewAges } from './viewAges.ts'

const MOVING = 1
const at = (id: number, x: number, flags = MOVING) => ({ id, x, y: 0, heading: 0, flags, kind: 0, name: '' })

it('an age counts from the last snapshot that had a new value, only for entities that move, and apart for those within 10 m', () => {
  const view = new ViewAges({ stepMs: 50, movingFlag: MOVING, self: 1, layout: plainEntities.layout })
  const world = new Everything()
  const [walker, leaver] = [at(2, 5), at(3, 50)]
  for (const entity of [at(1, 0), walker, leaver, at(4, 5, 0)]) world.table.add(entity, 9)
  const receive = (tick: number, ms: number): void => {
    world.sync(tick)
    view.apply(world.snapshot(tick), ms)
  }
  receive(9, 1_480)
  walker.x = 6
  receive(10, 1_500)
  const ages = { all: new Millis(), near: new Millis() }
  view.sample(ages, 1_700)
  expect(ages.all.report()).toMatchObject({ p50: 200, max: 250 })
  expect(ages.near.report()).toEqual({ p50: 200, p95: 200, p99: 200, max: 200 })
  expect(view.inSight).toBe(3)
  world.table.remove(leaver.id)
  receive(11, 1_550)
  const later = { all: new Millis(), near: new Millis() }
  view.sample(later, 1_550)
  expect(later.all.size).toBe(1)
})

it('ticks have the length that the server really needs', () => {
  const view = new ViewAges({ stepMs: 50, movingFlag: MOVING, self: 1, layout: plainEntities.layout })
  const world = new Everything()
  const me = at(1, 0)
  for (const entity of [me, at(2, 5)]) world.table.add(entity, 1)
  for (const [tick, ms] of [
    [1, 0],
    [11, 2_000],
  ] as const) {
    me.x = tick
    world.sync(tick)
    view.apply(world.snapshot(tick), ms)
  }
  const ages = { all: new Millis(), near: new Millis() }
  view.sample(ages, 2_000)
  expect(ages.all.quantile(1)).toBe(2_000)
})
