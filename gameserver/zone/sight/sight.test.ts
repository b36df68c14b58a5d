import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defineEntities, withInitials } from '../../../model/wire/entities/defineEntities.ts'
import type { EntityView } from '../../../model/wire/snapshot.ts'
import { InterestGrid } from './interestGrid.ts'
import { Onlooker } from './testing/onlooker.ts'

const range = { radius: 50, margin: 10 }
const at = (id: number, x: number, y = 0): EntityView => ({ id, x, y, kind: 0, heading: 0, flags: 0, name: `n${id}` })
/** A grid with these entities, and a client that looks at it. */
function scene(...entities: EntityView[]): { grid: InterestGrid; client: Onlooker } {
  const grid = new InterestGrid(25)
  for (const entity of entities) grid.add(entity)
  return { grid, client: new Onlooker(grid, range) }
}
const ids = (entities: readonly { id: number }[]): number[] => entities.map(({ id }) => id).sort((a, b) => a - b)

it('sends all near entities first, then only changes', () => {
  const [self, other, far] = [at(1, 0), at(2, 20), at(3, 200)]
  const { grid, client } = scene(self, other, far)
  const first = client.look(self, 1)
  expect(first).toMatchObject({ full: true, changed: [], left: [] })
  expect(ids(first?.entered ?? [])).toEqual([1, 2])
  expect(client.look(self, 2)).toBeUndefined()
  other.x = 21
  grid.sync(3)
  expect(client.look(self, 3)).toMatchObject({ full: false, entered: [], changed: [{ id: 2, x: 21, y: 0 }], left: [] })
  other.name = 'renamed'
  grid.sync(4)
  expect(client.look(self, 4)?.changed).toEqual([{ id: 2, name: 'renamed' }])
  grid.remove(2)
  expect(client.look(self, 5)).toMatchObject({ left: [2] })
})

it('tells the newest applied input with the tick, also in a scene without changes, and is never silent for longer than 200 ms', () => {
  const { client } = scene(at(1, 0))
  client.look({ x: 0, y: 0 }, 1)
  expect(client.look({ x: 0, y: 0 }, 2, { lastInput: 7 })).toMatchObject({ tick: 2, lastInput: 7, changed: [] })
  expect(client.look({ x: 0, y: 0 }, 5, { lastInput: 7 })).toBeUndefined()
  expect(client.look({ x: 0, y: 0 }, 6, { lastInput: 7 })).toMatchObject({ tick: 6 })
})

it('M5: an entity that moves back and forth at the edge of sight does not flicker', () => {
  const [self, walker] = [at(1, 0), at(2, 49)]
  const { grid, client } = scene(self, walker)
  client.look(self, 0)
  let changes = 0
  for (let tick = 1; tick <= 100; tick++) {
    walker.x = 50 + (tick % 2 === 0 ? 4 : -4)
    grid.sync(tick)
    const snapshot = client.look(self, tick)
    changes += (snapshot?.entered.length ?? 0) + (snapshot?.left.length ?? 0)
  }
  expect(changes).toBe(0)
})

it('who walks into sight or out of it is noticed within 200 ms, and who appears, jumps or is removed at once', () => {
  const [self, walker, leaver] = [at(1, 0), at(2, 50.5), at(3, 59.5)]
  const { grid, client } = scene(self, walker, leaver)
  leaver.x = 49
  grid.sync(1)
  client.look(self, 1)
  leaver.x = 59.5
  grid.sync(5)
  client.look(self, 5)
  expect(ids([...client.seen.values()])).toEqual([1, 3])
  walker.x = 49.5
  leaver.x = 60.5
  grid.sync(8)
  client.look(self, 8)
  expect(ids([...client.seen.values()])).toEqual([1, 3])
  grid.sync(9)
  client.look(self, 9)
  expect(ids([...client.seen.values()])).toEqual([1, 2])
  grid.add(at(4, 10))
  grid.sync(10)
  client.look(self, 10)
  expect(ids([...client.seen.values()])).toEqual([1, 2, 4])
  grid.remove(2)
  grid.sync(11)
  client.look(self, 11)
  expect(ids([...client.seen.values()])).toEqual([1, 4])
})

it('M5: an entity that leaves sight and turns back at once is seen again', () => {
  const [self, walker] = [at(1, 0), at(2, 49)]
  const { grid } = scene(self, walker)
  const client = new Onlooker(grid, { radius: 50, margin: 1 })
  client.look(self, 0)
  const seen = [50.5, 52, 50.5, 49].map((x, tick) => {
    walker.x = x
    grid.sync(tick + 1)
    client.look(self, tick + 1, { stepMs: 100 })
    return client.seen.has(2)
  })
  expect(seen).toEqual([true, false, false, true])
})

it('one snapshot without changes follows the last one with some: what moved has stopped, and is not only late', () => {
  const grid = new InterestGrid(25)
  const walker = at(1, 0)
  grid.add(walker)
  const onlooker = new Onlooker(grid, range)
  onlooker.look({ x: 0, y: 0 }, 1)
  walker.x = 1
  grid.sync(2)
  expect(onlooker.look({ x: 0, y: 0 }, 2)?.changed).toHaveLength(1)
  expect(onlooker.look({ x: 0, y: 0 }, 3)).toMatchObject({ entered: [], changed: [], left: [] })
  expect(onlooker.look({ x: 0, y: 0 }, 4)).toBeUndefined()
})

it('several clients get an update with a long text alike, beside other updates', () => {
  const [long, beside] = [at(1, 0), at(2, 5)]
  const { grid, client } = scene(long, beside)
  const clients = [client, new Onlooker(grid, range), new Onlooker(grid, range)]
  for (const each of clients) each.look({ x: 0, y: 0 }, 1)
  long.name = 'x'.repeat(200)
  beside.x = 6
  grid.sync(2)
  for (const each of clients)
    expect(each.look({ x: 0, y: 0 }, 2)?.changed).toEqual([
      { id: 1, name: long.name },
      { id: 2, x: 6, y: 0 },
    ])
})

it('M5: while the viewer is moved nothing leaves its sight, and the next full snapshot has what is there', () => {
  const [self, friend, other] = [at(1, 0), at(2, 5), at(3, 10)]
  const { grid, client } = scene(self, friend, other)
  client.look(self, 1)
  grid.remove(1)
  grid.remove(2)
  expect(client.look(self, 2, { held: true })).toMatchObject({ tick: 2, left: [] })
  grid.add(at(4, 3))
  grid.sync(3)
  expect(client.look(self, 3, { held: true })).toMatchObject({ entered: [{ id: 4 }], left: [] })
  expect([...client.seen.keys()].sort()).toEqual([1, 2, 3, 4])
  client.sight.reset()
  expect(ids(client.look(self, 4)?.entered ?? [])).toEqual([3, 4])
})

it('M5: an entity that is removed and added again between two snapshots does not leave the view', () => {
  const { grid, client } = scene(at(1, 0), at(2, 5))
  grid.sync(1)
  client.look({ x: 0, y: 0 }, 1)
  grid.remove(1)
  grid.remove(2)
  grid.add(at(2, 6))
  grid.add(at(1, 1))
  grid.sync(2)
  expect(client.look({ x: 0, y: 0 }, 2)?.left).toEqual([])
  expect([client.seen.get(1)?.x, client.seen.get(2)?.x]).toEqual([1, 6])
})

it('M5: a client that applies every snapshot knows exactly the entities in sight', () => {
  const step = fc.record({ id: fc.integer({ min: 2, max: 8 }), x: fc.integer({ min: -120, max: 120 }), gone: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const self = at(1, 0)
      const { grid, client } = scene(self)
      for (const [tick, { id, x, gone }] of steps.entries()) {
        const entity = grid.get(id)
        if (entity === undefined) grid.add(at(id, x))
        else if (gone) grid.remove(id)
        else entity.x = x
        grid.sync(tick + 1)
        client.look(self, tick + 1)
      }
      for (const [id, { x }] of client.seen) expect(grid.get(id)?.x).toBe(x)
      for (const { id } of grid.near(self, range.radius)) expect(client.seen.has(id) || steps.length === 0).toBe(true)
    }),
  )
})

it('M5: a field for the party or the owner is sent to them only, also when somebody joins the party later', () => {
  const entities = defineEntities({ fields: { health: { type: 'u8', seenBy: 'party' }, gold: { type: 'u16', seenBy: 'owner' } } })
  const grid = new InterestGrid(25, entities)
  const hero = withInitials(entities, { ...at(1, 0), health: 90, gold: 500 })
  grid.add(hero)
  const [owner, stranger] = [new Onlooker(grid, range), new Onlooker(grid, range)]
  owner.look({ ...hero, id: 1 }, 1)
  stranger.look({ x: 1, y: 0, id: 9 }, 1)
  expect(owner.seen.get(1)).toMatchObject({ health: 90, gold: 500 })
  expect(stranger.seen.get(1)).not.toHaveProperty('health')
  hero.health = 80
  hero.gold = 501
  grid.sync(2)
  expect(owner.look({ ...hero, id: 1 }, 2)?.changed).toEqual([{ id: 1, health: 80, gold: 501 }])
  expect(stranger.look({ x: 1, y: 0, id: 9 }, 2)).toBeUndefined()
  grid.table.setParty(1, 'party')
  expect(stranger.look({ x: 1, y: 0, id: 9, party: grid.table.numberOf('party') }, 3)?.changed).toEqual([{ id: 1, health: 80 }])
  expect(stranger.look({ x: 1, y: 0, id: 9, party: grid.table.numberOf('party') }, 4)?.changed).toEqual([])
})
