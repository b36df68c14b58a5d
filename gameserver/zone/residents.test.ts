import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { MemoryDirectory } from '../../directory/memory.ts'
import { type Copy, openedCopy } from '../../model/copy.ts'
import type { SeatHolder } from '../../model/seat.ts'
import type { Claim } from '../../store/store.ts'
import { createGameServerMetrics } from '../metrics.ts'
import type { Connection } from './connection.ts'
import type { ZoneCore } from './core.ts'
import { InterestGrid } from './interestGrid.ts'
import { Residents } from './residents.ts'

const ann: SeatHolder = { character: 'ann', entity: 1, name: 'Ann', language: 'en' }
const place = { map: 'forest', copy: 'a', server: 's' }

/** One room over a real directory; the database answers a claim when the test says so. */
async function room() {
  const directory = new MemoryDirectory()
  const opening: Copy = { state: 'opening', id: place.copy, map: place.map, server: place.server, created: 0, since: 0 }
  await directory.addCopy(opening)
  await directory.changeCopy(openedCopy(opening, 'ws://127.0.0.1:1', 0), 'opening')
  await directory.holdSeats({ map: place.map, holders: [ann], options: [{ copy: place.copy, limit: 5 }], now: 0, deadline: 10_000 })
  const claims: ((claim: Claim) => void)[] = []
  const quiet = () => undefined
  const services = {
    ...{ directory, server: place.server, rooms: new Map(), clock: { now: () => 0 }, random: () => 0.5 },
    metrics: createGameServerMetrics(new Registry()),
    store: { claim: () => new Promise<Claim>((answer) => void claims.push(answer)) },
  }
  const hooks = {
    stateVersion: 1,
    fresh: () => ({}),
    spawn: () => ({ kind: 0, x: 0, y: 0, heading: 0, flags: 0 }),
    entered: quiet,
    left: quiet,
    selfState: quiet,
  }
  const core = {
    ...{ services, hooks, copy: place.copy, map: place.map, tickRate: 20, range: { radius: 10, margin: 1 }, grid: new InterestGrid(8) },
    ...{ log: { info: quiet, warn: quiet, error: quiet }, tick: () => 1, guard: (_: string, run: () => void) => run() },
  }
  const residents = new Residents(core as unknown as ZoneCore<unknown, unknown>)
  const enter = () => residents.enter({ closed: false, send: quiet, close: quiet } as unknown as Connection, ann)
  const answer = async (epoch: number) => {
    while (claims.length === 0) await new Promise(setImmediate)
    claims.shift()?.({ epoch, state: null, stateVersion: 1 })
  }
  const seat = async () => (await directory.snapshot(place.map)).seats.find((one) => one.seat.character === ann.character)?.seat.state
  return { residents, enter, answer, seat }
}

it('S2, S3: a login into the copy where one is takes the body over, though its older epoch was refused while the claim was under way', async () => {
  const { residents, enter, answer, seat } = await room()
  const first = enter()
  await answer(1)
  await first
  const body = residents.get('ann')
  expect(await seat()).toBe('taken')
  const second = enter()
  // The database has claimed it; before its answer comes that of a save of the older epoch: refused.
  const fenced = body === undefined ? undefined : residents.fence(body)
  await answer(2)
  await Promise.all([second, fenced])
  expect(residents.get('ann')).toBe(body)
  expect(body).toMatchObject({ phase: 'live', epoch: 2 })
  expect(await seat()).toBe('taken')
})

it('S2: who is live elsewhere is let go, and the seat is free', async () => {
  const { residents, enter, answer, seat } = await room()
  const first = enter()
  await answer(1)
  await first
  const body = residents.get('ann')
  if (body !== undefined) await residents.fence(body)
  expect(residents.get('ann')).toBeUndefined()
  expect(await seat()).toBeUndefined()
})

it('S3: the seat of one who has gone and comes back is not freed under them', async () => {
  const { residents, enter, answer, seat } = await room()
  const first = enter()
  await answer(1)
  await first
  const body = residents.get('ann')
  if (body !== undefined) residents.remove(body)
  // They come back while the seat of before has yet to be freed.
  const back = enter()
  const freed = residents.vacate('ann')
  await answer(3)
  await Promise.all([back, freed])
  expect(await seat()).toBe('taken')
})
