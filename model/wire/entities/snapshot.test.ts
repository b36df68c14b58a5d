import fc from 'fast-check'
import { expect, expectTypeOf, it } from 'vitest'
import type { EntityView } from '../snapshot.ts'
import { defineEntities, type Entities, type EntityOf, plainEntities, type SeenEntityOf, withInitials } from './defineEntities.ts'
import { EntityTable } from './entityTable.ts'
import { interpolatedFields, plainLayout, readLayout } from './layout.ts'
import { SnapshotDecoder } from './snapshotDecoder.ts'
import { Everything } from './testing/everything.ts'

const declared = defineEntities({
  dimensions: 3,
  position: { extent: 4_000, step: 1 / 16 },
  fields: {
    health: { type: 'u8', urgency: 'now' },
    level: { type: 'i16', initial: -3 },
    charge: { type: 'number', min: -1, max: 1, step: 1 / 100, interpolate: true },
    mood: { type: 'choice', of: ['idle', 'chase', 'return'] },
    asleep: { type: 'bool' },
    target: { type: 'entity' },
    aim: { type: 'angle', steps: 65_536 },
    motto: { type: 'text' },
    gold: { type: 'u32', seenBy: 'owner' },
  },
})
type Creature = EntityOf<typeof declared>

const creature = (id: number): Creature => withInitials(declared, { id, kind: 1, x: 0, y: 0, z: 0, heading: 0, flags: 0, name: `c${id}` }) as Creature // withInitials adds the declared fields

const change = fc.record(
  {
    x: fc.oneof(fc.integer({ min: -64_000, max: 64_000 }), fc.integer({ min: -120, max: 120 })).map((steps) => steps / 16),
    y: fc.integer({ min: -120, max: 120 }).map((steps) => steps / 16),
    z: fc.integer({ min: -300, max: 300 }).map((steps) => steps / 16),
    flags: fc.integer({ min: 0, max: 255 }),
    name: fc.string({ maxLength: 20 }).map((text) => text.toWellFormed()),
    health: fc.integer({ min: 0, max: 255 }),
    level: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    mood: fc.constantFrom('idle' as const, 'chase' as const, 'return' as const),
    asleep: fc.boolean(),
    target: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    motto: fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed()),
    gold: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  },
  { requiredKeys: [] },
)
const step = fc.record({ id: fc.integer({ min: 1, max: 6 }).map((n) => (n % 2 === 0 ? n : 2 ** 31 + n)), change, gone: fc.boolean() })

it('a client that reads every snapshot knows all values of all entities', () => {
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 30 }), (ticks) => {
      const world = new Everything(declared)
      const truth = new Map<number, Creature>()
      const decoder = new SnapshotDecoder(readLayout(JSON.parse(JSON.stringify(declared.layout))))
      const seen = new Map<number, EntityView>()
      for (const [tick, steps] of ticks.entries()) {
        for (const { id, change, gone } of steps) {
          const known = truth.get(id)
          if (known === undefined) {
            const made = creature(id)
            truth.set(id, made)
            world.table.add(made, tick)
          } else if (gone) {
            truth.delete(id)
            world.table.remove(id)
          } else Object.assign(known, change)
        }
        world.sync(tick)
        const snapshot = decoder.decode(world.snapshot(tick, 2 * tick))
        expect(snapshot).toMatchObject({ tick, lastInput: 2 * tick, full: tick === 0 })
        for (const id of snapshot.left) expect(seen.delete(id)).toBe(true)
        for (const entity of snapshot.entered) seen.set(entity.id, entity)
        for (const { id, ...values } of snapshot.changed) Object.assign(seen.get(id) ?? {}, values)
        expect(new Map(seen)).toEqual(truth)
      }
    }),
  )
})

it('a movement of a few metres is three bytes, and an entity with changed heading four', () => {
  const world = new Everything(plainEntities)
  const views = Array.from({ length: 20 }, (_, n): EntityView => ({ id: n + 1, kind: 0, x: n, y: 0, heading: 0, flags: 0, name: '' }))
  for (const view of views) world.table.add(view, 0)
  const head = 5
  world.snapshot(0)
  const size = (tick: number): number => {
    world.sync(tick)
    return world.snapshot(tick).length
  }
  expect(size(1)).toBe(head)
  for (const view of views) view.x += 1
  expect(size(2)).toBe(head + 3 * views.length)
  for (const view of views) Object.assign(view, { y: view.y - 1, heading: 1 })
  expect(size(3)).toBe(head + 4 * views.length)
})

it('values outside the declared range are clamped', () => {
  const world = new Everything(declared)
  world.table.add({ ...creature(1), x: 9_000, y: -9_000, z: Number.NaN, level: 99_999, charge: -7, health: -1 } as Creature, 0)
  const [only] = new SnapshotDecoder(declared.layout).decode(world.snapshot(0)).entered
  expect(only).toMatchObject({ x: 4_000, y: -4_000, z: 0, level: 2 ** 15 - 1, charge: -1, health: 0 })
})

it('what changed since a tick includes changes after the question was first asked', () => {
  const table = new EntityTable(plainEntities)
  const view: EntityView = { id: 1, kind: 0, x: 0, y: 0, heading: 0, flags: 0, name: 'n' }
  const slot = table.add(view, 0)
  expect(table.changesSince(slot, 0)).toBe(0)
  view.x = 1
  table.sync(slot, 1)
  expect(table.changesSince(slot, 0)).toBe(1)
  view.flags = 7
  table.sync(slot, 2)
  const flags = plainEntities.fields.find(({ name }) => name === 'flags')?.bit ?? 0
  expect([table.changesSince(slot, 0), table.changesSince(slot, 1)]).toEqual([1 | flags, flags])
})

it('the layout that clients start with is that of a game which declares nothing', () => {
  expect(plainLayout).toEqual(plainEntities.layout)
})

it('the default is ±1,024 m in two bytes for each axis', () => {
  const table = new EntityTable(plainEntities)
  expect(plainEntities.layout.position).toEqual({ bytes: 2, step: 1 / 32 })
  expect([table.steps(5_000) / 32, table.steps(-5_000) / 32]).toEqual([32_767 / 32, -32_767 / 32])
})

it('a client skips fields of types that it does not know, by their size', () => {
  const world = new Everything(declared)
  world.table.add({ ...creature(7), motto: 'later', gold: 5 } as Creature, 0)
  const fields = declared.layout.fields.map((field) => (['aim', 'level', 'motto'].includes(field.name) ? { ...field, type: 'invented', unit: 'new' } : field))
  const [only] = new SnapshotDecoder(readLayout({ ...declared.layout, fields, extra: 1 })).decode(world.snapshot(0)).entered
  expect(only).toMatchObject({ id: 7, gold: 5, mood: 'idle' })
  for (const name of ['aim', 'level', 'motto']) expect(only).not.toHaveProperty(name)
})

it('X1: throws RangeError when the bytes end too early, and for an entity that was not shown', () => {
  const world = new Everything(plainEntities)
  const view: EntityView = { id: 1, kind: 0, x: 0, y: 0, heading: 0, flags: 0, name: 'n' }
  world.table.add(view, 0)
  const first = world.snapshot(0)
  for (let length = 0; length < first.length; length++)
    expect(() => new SnapshotDecoder(plainEntities.layout).decode(first.slice(0, length))).toThrow(RangeError)
  view.x = 1
  world.table.sync(0, 1)
  expect(() => new SnapshotDecoder(plainEntities.layout).decode(world.snapshot(1))).toThrow('no entity')
})

it('refuses declarations that cannot be written', () => {
  expect(() => defineEntities({ fields: { name: { type: 'u8' } } })).toThrow('every entity has')
  expect(() => defineEntities({ fields: { __proto__x: { type: 'u8' } } })).toThrow('letter')
  expect(() => defineEntities({ fields: { far: { type: 'number', min: 0, max: 1, step: 0 } } })).toThrow('step')
  expect(() => defineEntities({ fields: { none: { type: 'choice', of: [] } } })).toThrow('1 to 256')
  expect(() => defineEntities({ position: { extent: 1, step: 2 } })).toThrow('position')
  expect(() => readLayout({ ...plainEntities.layout, layout: 2 })).toThrow(RangeError)
})

it('types and interpolation follow from the declaration', () => {
  expectTypeOf<Creature['mood']>().toEqualTypeOf<'idle' | 'chase' | 'return'>()
  expectTypeOf<Creature['asleep']>().toEqualTypeOf<boolean>()
  expectTypeOf<Creature['z']>().toEqualTypeOf<number>()
  expectTypeOf<SeenEntityOf<typeof declared>['gold']>().toEqualTypeOf<number | undefined>()
  expectTypeOf<SeenEntityOf<typeof declared>['health']>().toEqualTypeOf<number>()
  expect(Object.fromEntries(interpolatedFields(declared.layout))).toEqual({
    x: 'linear',
    y: 'linear',
    z: 'linear',
    heading: 'angle',
    charge: 'linear',
    aim: 'angle',
  })
})

const masks = (entities: Entities): Record<string, number> => ({ ...entities.masks })
it('masks say who may see a field and how urgent it is', () => {
  const { fields } = declared
  const bit = (name: string): number => fields.find((field) => field.name === name)?.bit ?? 0
  expect(masks(declared)['all']).toBe((masks(declared)['owner'] ?? 0) - bit('gold'))
  expect(declared.masks).toMatchObject({ now: bit('health'), late: bit('name') })
})
