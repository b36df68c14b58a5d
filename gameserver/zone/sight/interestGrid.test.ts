import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EntityView } from '../../../model/wire/snapshot.ts'
import { InterestGrid } from './interestGrid.ts'

const coordinate = fc.integer({ min: -900, max: 900 })
const at = (id: number, x: number, y: number): EntityView => ({ id, x, y, kind: 0, heading: 0, flags: 0, name: '' })

it('finds exactly the entities within the radius, after any sequence of changes', () => {
  const walk = fc.array(fc.record({ id: fc.integer({ min: 1, max: 20 }), x: coordinate, y: coordinate, remove: fc.boolean() }), { maxLength: 60 })
  fc.assert(
    fc.property(walk, coordinate, coordinate, fc.integer({ min: 1, max: 400 }), (steps, x, y, radius) => {
      const grid = new InterestGrid(30)
      const truth = new Map<number, EntityView>()
      for (const step of steps) {
        const known = truth.get(step.id)
        if (known === undefined) {
          const entity = at(step.id, step.x, step.y)
          truth.set(step.id, entity)
          grid.add(entity)
        } else if (step.remove) {
          truth.delete(step.id)
          grid.remove(step.id)
        } else {
          Object.assign(known, { x: step.x, y: step.y })
          grid.sync(1)
        }
      }
      const found = grid.near({ x, y }, radius).map(({ id }) => id)
      const expected = [...truth.values()].filter((entity) => (entity.x - x) ** 2 + (entity.y - y) ** 2 <= radius ** 2)
      expect(found.sort()).toEqual(expected.map(({ id }) => id).sort())
      expect(grid.size).toBe(truth.size)
    }),
  )
})
