import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeSnapshot, type EntityView, encodeSnapshot } from '../../../model/wire/snapshot.ts'
import { InterestGrid } from './interestGrid.ts'
import { Sight } from './sight.ts'

const range = { radius: 50, margin: 10 }
const at = (id: number, x: number, y = 0): EntityView => ({ id, x, y, kind: 0, heading: 0, flags: 0, name: `n${id}` })

it('sends all near entities first, then only changes', () => {
  const grid = new InterestGrid(25)
  const [self, other, far] = [at(1, 0), at(2, 20), at(3, 200)]
  for (const entity of [self, other, far]) grid.add(entity)
  const sight = new Sight(range)
  expect(sight.nextSnapshot(grid, self, 1)).toMatchObject({ full: true, entered: [{ id: 1 }, { id: 2 }], moved: [], left: [] })
  expect(sight.nextSnapshot(grid, self, 2)).toBeUndefined()
  other.x = 21
  grid.moved(2)
  expect(sight.nextSnapshot(grid, self, 3)).toMatchObject({ full: false, entered: [], moved: [{ id: 2, x: 21 }], left: [] })
  grid.remove(2)
  expect(sight.nextSnapshot(grid, self, 4)).toMatchObject({ left: [2] })
})

it('M5: an entity that moves back and forth at the edge of sight does not flicker', () => {
  const grid = new InterestGrid(25)
  const [self, walker] = [at(1, 0), at(2, 49)]
  grid.add(self)
  grid.add(walker)
  const sight = new Sight(range)
  sight.nextSnapshot(grid, self, 0)
  let changes = 0
  for (let tick = 1; tick <= 100; tick++) {
    walker.x = 50 + (tick % 2 === 0 ? 4 : -4)
    grid.moved(2)
    const snapshot = sight.nextSnapshot(grid, self, tick)
    changes += (snapshot?.entered.length ?? 0) + (snapshot?.left.length ?? 0)
  }
  expect(changes).toBe(0)
})

it('M5: a client that applies every snapshot knows exactly the entities in sight', () => {
  const step = fc.record({ id: fc.integer({ min: 2, max: 8 }), x: fc.integer({ min: -120, max: 120 }), gone: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const grid = new InterestGrid(25)
      const self = at(1, 0)
      grid.add(self)
      const sight = new Sight(range)
      const shown = new Map<number, number>()
      for (const [tick, { id, x, gone }] of steps.entries()) {
        const entity = grid.get(id)
        if (entity === undefined) grid.add(at(id, x))
        else if (gone) grid.remove(id)
        else {
          entity.x = x
          grid.moved(id)
        }
        const next = sight.nextSnapshot(grid, self, tick)
        if (next === undefined) continue
        const snapshot = decodeSnapshot(encodeSnapshot(next))
        if (snapshot.full) shown.clear()
        for (const one of [...snapshot.entered, ...snapshot.moved]) shown.set(one.id, one.x)
        for (const one of snapshot.left) expect(shown.delete(one)).toBe(true)
      }
      for (const [id, x] of shown) expect(grid.get(id)?.x).toBe(x)
      grid.near(0, 0, range.radius, ({ id }) => expect(shown.has(id) || steps.length === 0).toBe(true))
    }),
  )
})
