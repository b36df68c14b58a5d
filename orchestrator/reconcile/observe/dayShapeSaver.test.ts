import { expect, it } from 'vitest'
import { type Instant, VirtualClock } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { MapName } from '../../../model/ids.ts'
import type { DayQuarters } from '../../../store/records/records.ts'
import { emptyMapMemory, emptyMemory, type PlanInput, type PlanMemory } from '../../plan/action.ts'
import { learnShape } from '../../plan/forecast/dayShape.ts'
import { DayShapeSaver } from './dayShapeSaver.ts'
import { EventCrowdSaver } from './eventCrowdSaver.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const log = { warn: () => undefined }

class Table {
  readonly rows = new Map<MapName, DayQuarters>()
  writes = 0
  downUntil: Instant = 0
  async dayShapes(): Promise<Map<MapName, DayQuarters>> {
    return new Map([...this.rows].map(([map, quarters]) => [map, [...quarters]]))
  }
  async recordDayShapes(shapes: ReadonlyMap<MapName, DayQuarters>, now: Instant): Promise<void> {
    this.writes++
    if (now < this.downUntil) throw new StrataError('DEPENDENCY_DOWN', { what: 'PostgreSQL' })
    for (const [map, quarters] of shapes) this.rows.set(map, quarters)
  }
}

const world: Omit<PlanInput, 'memory' | 'now'> = {
  census: { at: 0, maps: new Map(), servers: new Map(), whereabouts: new Map() },
  policies: new Map(),
  fleets: new Map(),
  draining: new Set(),
  moving: new Set(),
}

/** One term of a leader: one round per minute, on a forest with as many players as the hour of the day. */
async function lead(table: Table, clock: VirtualClock, forMs: number): Promise<PlanMemory> {
  const saver = await DayShapeSaver.load(table, clock, log)
  const plan = saver.savingAfter(({ memory, now }) => {
    const shape = learnShape(memory.maps.get('forest')?.dayShape, Math.floor((now / HOUR) % 24), now)
    return { actions: [], memory: { ...memory, maps: new Map([['forest', { ...emptyMapMemory, dayShape: shape }]]) } }
  })
  let memory: PlanMemory = { ...emptyMemory, maps: saver.maps }
  for (const end = clock.now() + forMs; clock.now() < end; clock.advance(MINUTE)) {
    memory = plan({ ...world, memory, now: clock.now() }).memory
    await Promise.resolve() // lets the write beside the round finish
  }
  return memory
}

it('D3: a new leader continues with the day shapes of the previous leader, which are stored once per quarter-hour', async () => {
  const table = new Table()
  const clock = new VirtualClock(20 * 24 * HOUR)
  await lead(table, clock, 3 * HOUR)
  expect(table.writes).toBe(11)
  const memory = await lead(table, clock, 2 * HOUR)
  const known = memory.maps.get('forest')?.dayShape?.quarters
  // The first leader does not finish the quarter-hour of the change; the second learns it from its own samples only.
  expect(known?.slice(0, 19)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, undefined, 3, 3, 3, 3, 4, 4, 4])
})

it('D3: while the database is down, no learned shape is lost and the rounds continue', async () => {
  const table = new Table()
  const clock = new VirtualClock(20 * 24 * HOUR)
  table.downUntil = clock.now() + HOUR
  await lead(table, clock, HOUR + MINUTE)
  expect(table.rows.get('forest')?.slice(0, 5)).toEqual([0, 0, 0, 0, undefined])
})

it('D3: a new leader knows how many came to a declared event under the previous one', async () => {
  const rows = new Map<MapName, ReadonlyMap<string, number>>()
  const table = {
    eventCrowds: async () => new Map(rows),
    recordEventCrowds: async (crowds: typeof rows) => {
      for (const [map, learned] of crowds) rows.set(map, learned)
    },
  }
  const clock = new VirtualClock(0)
  const lastCrowds = new Map([['raid', 120]])
  const first = await EventCrowdSaver.load(table, clock, log)
  first.savingAfter(({ memory }) => ({ actions: [], memory: { ...memory, maps: new Map([['forest', { ...emptyMapMemory, lastCrowds }]]) } }))({
    ...world,
    memory: emptyMemory,
    now: 0,
  })
  await Promise.resolve()
  const second = await EventCrowdSaver.load(table, clock, log)
  const dayShape = { quarters: [1] }
  expect(second.addTo(new Map([['forest', { ...emptyMapMemory, dayShape }]])).get('forest')).toEqual({ ...emptyMapMemory, dayShape, lastCrowds })
})
