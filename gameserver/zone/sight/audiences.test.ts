import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defineEntities, type EntityOf, withInitials } from '../../../model/wire/entities/defineEntities.ts'
import { InterestGrid } from './interestGrid.ts'
import { Onlooker } from './testing/onlooker.ts'

const entities = defineEntities({ fields: { health: { type: 'u8', seenBy: 'party' }, gold: { type: 'u16', seenBy: 'owner' } } })
type Hero = EntityOf<typeof entities>
const HEROES = 8
/** The viewer's own body. */
const OWN = 1

const party = fc.constantFrom(undefined, 'wolves', 'bears')
const change = fc.record({
  id: fc.integer({ min: 1, max: HEROES }),
  x: fc.integer({ min: -30, max: 30 }),
  health: fc.integer({ min: 0, max: 255 }),
  gold: fc.integer({ min: 0, max: 60_000 }),
  party,
  viewerParty: party,
  again: fc.boolean(),
})

it('M5: with a short budget and changing parties, a client gets all fields that it may see, and no others', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const grid = new InterestGrid(25, entities)
      const heroes = new Map<number, Hero>()
      for (let id = 1; id <= HEROES; id++) {
        // withInitials adds the declared fields
        const hero = withInitials(entities, { id, kind: 0, x: id, y: 0, heading: 0, flags: 0, name: `n${id}`, health: 1, gold: 1 }) as Hero
        heroes.set(id, hero)
        grid.add(hero)
      }
      const client = new Onlooker(grid, { radius: 50, margin: 10 })
      const parties = new Map<number, string | undefined>()
      const companions = new Set<number>([OWN])
      let own: string | undefined
      let tick = 0
      const look = (bytesPerSecond: number): void => {
        for (const id of heroes.keys()) if (own !== undefined && parties.get(id) === own) companions.add(id)
        grid.sync(++tick)
        client.look({ x: 0, y: 0, id: OWN, party: own === undefined ? 0 : grid.table.numberOf(own) }, tick, { bytesPerSecond })
        for (const [id, seen] of client.seen) {
          if (!companions.has(id)) expect(seen).not.toHaveProperty('health')
          if (id !== OWN) expect(seen).not.toHaveProperty('gold')
        }
      }
      look(15_000)
      for (const { id, party, viewerParty, again, ...values } of changes) {
        const hero = heroes.get(id)
        if (hero === undefined) continue
        Object.assign(hero, values)
        if (again) {
          grid.add(hero)
          parties.delete(id)
        } else {
          grid.table.setParty(id, party)
          parties.set(id, party)
        }
        own = viewerParty
        look(100)
      }
      for (let n = 0; n < 3; n++) look(100_000)
      expect(client.seen.size).toBe(HEROES)
      for (const [id, { x, health, gold }] of heroes) {
        const shown = id === OWN ? { x, health, gold } : own !== undefined && parties.get(id) === own ? { x, health } : { x }
        expect(client.seen.get(id)).toMatchObject(shown)
      }
    }),
    { numRuns: 200 },
  )
})
