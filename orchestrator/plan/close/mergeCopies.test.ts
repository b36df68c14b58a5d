import { expect, it } from 'vitest'
import type { CopyCensus, MapCensus } from '../../../model/census.ts'
import type { CopyId, MapName } from '../../../model/ids.ts'
import { emptyMapMemory, emptyMemory } from '../action.ts'
import { plan } from '../plan.ts'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { ToyWorld } from '../testing/toyWorld.ts'
import { Hosts } from '../view/hosts.ts'
import { type OpenCopyView, viewMap } from '../view/mapView.ts'
import { mergeCopies } from './mergeCopies.ts'

const SECOND = 1_000
const MIN_AGE = 10 * SECOND

/** An empty map of `size` copies; each second, one more copy is old enough to close. */
function emptying(map: MapName, size: number): MapCensus {
  const copies = new Map<CopyId, CopyCensus>()
  for (let n = 0; n < size; n++) {
    const [id, since] = [`${map}-${n}`, n * SECOND - MIN_AGE]
    const copy = { id, map, server: 's1', state: 'open' as const, address: 'ws://x', created: since, since }
    copies.set(id, { copy, seats: new Map(), parties: new Map(), guilds: new Map(), languages: new Map() })
  }
  return { map, copies, waiting: 0 }
}

it('C2: maps take turns at merging when one round cannot compare all copies', () => {
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

/** A copy that reports each read, so that the test can count the reads and stop early when there are too many. */
function countingReads(copyView: OpenCopyView, onRead: () => void): OpenCopyView {
  const { census, players } = copyView
  return {
    ...copyView,
    get census() {
      onRead()
      return census
    },
    get players() {
      onRead()
      return players
    },
  }
}

it('C2: with thousands of sparse copies on one map, each closing reads every copy a few times, and all closings finish within fifteen rounds', () => {
  const [copies, readsPerCopy] = [2_000, 15]
  const world = new ToyWorld(toyPolicy())
  for (let n = 0; n < copies; n++) world.addCopy([{ character: `p${n}`, guild: `g${n % 500}` }], 's1', 0)
  const closed: number[] = []
  do {
    const input = world.input()
    const view = viewMap({ input, map: 'forest', policy: world.policy, memory: emptyMapMemory, moving: 0, hosts: new Hosts(input) })
    let reads = 0
    const onRead = (): void => {
      if (++reads > 5_000_000) throw new Error('every copy is compared with every other')
    }
    view.usable = view.usable.map((copyView) => countingReads(copyView, onRead))
    mergeCopies(view, { comparedCopies: 0 })
    expect(reads).toBeLessThan(readsPerCopy * copies * (view.actions.length + 1))
    for (const action of view.actions) world.apply(action)
    closed.push(view.actions.length)
  } while (closed.at(-1) !== 0)
  // At least half of the copies close in total.
  expect(closed.reduce((sum, of) => sum + of, 0)).toBeGreaterThanOrEqual(copies / 2)
  expect(closed.length).toBeLessThan(15)
})
