import { expect, it } from 'vitest'
import type { CopyCensus, MapCensus } from '../../model/census.ts'
import type { CopyId, MapName } from '../../model/ids.ts'
import { emptyMemory } from './action.ts'
import { plan } from './plan.ts'
import { toyPolicy } from './toyPolicy.ts'

const SECOND = 1_000
const MIN_AGE = 10 * SECOND

/** An empty map of so many copies; one more of them is old enough to close in each second. */
function emptying(map: MapName, size: number): MapCensus {
  const copies = new Map<CopyId, CopyCensus>()
  for (let n = 0; n < size; n++) {
    const [id, since] = [`${map}-${n}`, n * SECOND - MIN_AGE]
    const copy = { id, map, server: 's1', state: 'open' as const, address: 'ws://x', created: since, since }
    copies.set(id, { copy, seats: new Map(), parties: new Map(), guilds: new Map(), languages: new Map() })
  }
  return { map, copies, waiting: 0 }
}

it('C2: maps take turns at merging when there are more copies than one round weighs', () => {
  const names = ['city', 'forest', 'hills']
  const maps = new Map(names.map((map) => [map, emptying(map, 2_100)]))
  const policies = new Map(names.map((map) => [map, { ...toyPolicy(), map }]))
  const report = {
    id: 's1',
    fleet: 'overworld',
    address: 'ws://x',
    rooms: 10_000,
    protocol: { min: 1, max: 1 },
    draining: false,
    beat: Number.MAX_SAFE_INTEGER,
  }
  const world = { policies, fleets: new Map(), draining: new Set<string>(), moving: new Set<string>() }
  const closed: MapName[] = []
  let memory = emptyMemory
  for (let second = 0; second < 6; second++) {
    const census = { at: second * SECOND, maps, servers: new Map([['s1', report]]), whereabouts: new Map() }
    const made = plan({ ...world, census, memory, now: second * SECOND })
    memory = made.memory
    for (const action of made.actions) {
      if (action.type !== 'close') continue
      if (closed.at(-1) !== action.map) closed.push(action.map)
      const of = maps.get(action.map)?.copies as Map<CopyId, CopyCensus> // made above
      of.delete(action.copy)
    }
  }
  expect(closed).toEqual([...names, ...names])
})
