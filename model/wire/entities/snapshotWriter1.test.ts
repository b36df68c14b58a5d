import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeSnapshot, type Entity1 } from '../../../test/fixtures/protocol1/client.js'
import type { EntityView } from '../snapshot.ts'
import { defineEntities, plainEntities } from './defineEntities.ts'
import { Everything } from './testing/everything.ts'

const step = fc.record({
  id: fc.integer({ min: 1, max: 6 }).map((n) => (n % 2 === 0 ? n : 2 ** 31 + n)),
  x: fc.integer({ min: -32_000, max: 32_000 }).map((steps) => steps / 32),
  name: fc.constantFrom('Ann', 'Zoë 😀'),
  kind: fc.integer({ min: 0, max: 3 }),
  gone: fc.boolean(),
})

it('a client of protocol 1 that reads every snapshot knows all entities', () => {
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 30 }), (ticks) => {
      const world = new Everything(plainEntities, 1)
      const truth = new Map<number, EntityView>()
      const seen = new Map<number, Entity1>()
      for (const [tick, steps] of ticks.entries()) {
        for (const { id, gone, ...values } of steps) {
          const known = truth.get(id)
          if (known === undefined) {
            const made = { id, y: 0, heading: 0, flags: 5, ...values }
            truth.set(id, made)
            world.table.add(made, tick)
          } else if (gone) {
            truth.delete(id)
            world.table.remove(id)
          } else Object.assign(known, values)
        }
        world.sync(tick)
        const snapshot = decodeSnapshot(world.snapshot(tick))
        expect(snapshot).toMatchObject({ tick, full: tick === 0 })
        for (const entity of snapshot.entered) seen.set(entity.id, { ...seen.get(entity.id), ...entity })
        for (const motion of snapshot.moved) Object.assign(seen.get(motion.id) ?? {}, motion)
        for (const id of snapshot.left) expect(seen.delete(id)).toBe(true)
        expect(seen).toEqual(truth)
      }
    }),
  )
})

it('positions of another scale are converted for clients of protocol 1', () => {
  const world = new Everything(defineEntities({ dimensions: 3, position: { extent: 4_000, step: 1 / 16 }, fields: { health: { type: 'u8' } } }), 1)
  for (const [id, x] of [
    [1, 10.5],
    [2, 3_000],
  ] as const)
    world.table.add({ id, x, y: -x, z: 7, kind: 0, heading: 0, flags: 0, name: '' }, 0)
  const { entered } = decodeSnapshot(world.snapshot(0))
  expect(entered).toMatchObject([
    { x: 10.5, y: -10.5 },
    { x: 32_767 / 32, y: -32_767 / 32 },
  ])
})
