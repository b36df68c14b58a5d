import { expect, it } from 'vitest'
import { encodeSnapshot, type Snapshot } from '../../../../model/wire/snapshot.ts'
import { Millis } from './millis.ts'
import { ViewAges } from './viewAges.ts'

const MOVING = 1
const at = (id: number, x: number, flags = MOVING) => ({ id, x, y: 0, heading: 0, flags, kind: 0, name: '' })

it('an age counts from the last snapshot that had a new value, only for entities that move, and apart for those within 10 m', () => {
  const view = new ViewAges({ stepMs: 50, movingFlag: MOVING, self: 1 })
  const receive = (tick: number, ms: number, change: Partial<Snapshot>): void =>
    view.apply(encodeSnapshot({ tick, full: false, entered: [], moved: [], left: [], ...change }), ms)
  // The first snapshot is 30 ms later than the second one, which sets the clock: tick 10 was at 1,500 ms.
  receive(9, 1_480, { full: true, entered: [at(1, 0), at(2, 5), at(3, 50), at(4, 5, 0)] })
  receive(10, 1_500, { moved: [at(2, 6)] })
  const ages = { all: new Millis(), near: new Millis() }
  view.sample(ages, 1_700)
  expect(ages.all.report()).toMatchObject({ p50: 200, max: 250 })
  expect(ages.near.report()).toEqual({ p50: 200, p95: 200, p99: 200, max: 200 })
  expect(view.inSight).toBe(3)
  receive(11, 1_550, { left: [3] })
  const later = { all: new Millis(), near: new Millis() }
  view.sample(later, 1_550)
  expect(later.all.size).toBe(1)
})
