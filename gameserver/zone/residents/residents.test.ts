import { Registry } from 'prom-client'
import { expect, it, vi } from 'vitest'
import type { Directory } from '../../../directory/directory.ts'
import { MemoryDirectory } from '../../../directory/memory.ts'
import { type Copy, openedCopy } from '../../../model/copy.ts'
import type { SeatHolder } from '../../../model/seat.ts'
import type { Claim } from '../../../store/store.ts'
import { createGameServerMetrics } from '../../metrics.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import { InterestGrid } from '../sight/interestGrid.ts'
import { Residents, type Save } from './residents.ts'
import { Saver } from './saver.ts'

/** What is tried again is tried again at once. */
vi.mock('node:timers/promises', () => ({ setTimeout: () => new Promise(setImmediate) }))

const ann: SeatHolder = { character: 'ann', entity: 1, name: 'Ann', language: 'en' }
const place = { map: 'forest', copy: 'a', server: 's' }

/** One room over a real directory; the database answers a claim when the test says so. */
async function room(trouble: (directory: Directory) => Partial<Directory> = () => ({})) {
  const memory = new MemoryDirectory()
  const directory = troubled(memory, trouble(memory))
  const opening: Copy = { state: 'opening', id: place.copy, map: place.map, server: place.server, created: 0, since: 0 }
  await directory.addCopy(opening)
  await directory.changeCopy(openedCopy(opening, 'ws://127.0.0.1:1', 0), 'opening')
  await directory.holdSeats({ map: place.map, holders: [ann], options: [{ copy: place.copy, limit: 5 }], now: 0, deadline: 10_000 })
  const claims: ((claim: Claim) => void)[] = []
  const quiet = () => undefined
  const written: number[] = []
  /** As the database would: an older epoch than the newest that was claimed is refused. */
  let newest = 1
  const saveMany = async (saves: readonly Save[]) => {
    written.push(...saves.flatMap(({ epoch }) => (epoch === newest ? [epoch] : [])))
    return saves.flatMap(({ character, epoch }) => (epoch === newest ? [] : [character]))
  }
  const services = {
    ...{ directory, server: place.server, rooms: new Map(), clock: { now: () => 0 }, random: () => 0.5 },
    metrics: createGameServerMetrics(new Registry()),
    store: { claim: () => new Promise<Claim>((answer) => void claims.push(answer)), leave: async () => true, saveMany },
  }
  const hooks = {
    stateVersion: 1,
    fresh: () => ({}),
    spawn: () => ({ kind: 0, x: 0, y: 0, heading: 0, flags: 0 }),
    entered: quiet,
    left: quiet,
    selfState: quiet,
    idle: quiet,
    save: () => ({}),
  }
  const core = {
    ...{ services, hooks, copy: place.copy, map: place.map, tickRate: 20, range: { radius: 10, margin: 1 }, grid: new InterestGrid(8) },
    ...{ log: { info: quiet, warn: quiet, error: quiet }, tick: () => 1, guard: (_: string, run: () => void) => run() },
  }
  const residents = new Residents(core as unknown as ZoneCore<unknown, unknown>)
  const enter = (over = false) => residents.enter({ closed: false, over, send: quiet, close: quiet } as unknown as Connection, ann)
  const answer = async (epoch: number) => {
    while (claims.length === 0) await new Promise(setImmediate)
    claims.shift()?.({ epoch, state: null, stateVersion: 1 })
  }
  /** Ann's body, live at epoch 1. */
  const live = async () => {
    const first = enter()
    await answer(1)
    await first
    const body = residents.get(ann.character)
    if (body === undefined) throw new Error('nobody was let in')
    return body
  }
  const seat = async () => (await memory.snapshot(place.map)).seats.find((one) => one.seat.character === ann.character)?.seat.state
  const said = () => memory.whereIs(ann.character)
  const claimed = (epoch: number) => {
    newest = epoch
  }
  return { core: core as unknown as ZoneCore<unknown, unknown>, residents, enter, answer, live, seat, said, written, claimed }
}

function troubled(directory: Directory, methods: Partial<Directory>): Directory {
  return new Proxy(directory, {
    get(target, name) {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

it('S2, S3: a login into the copy where one is takes the body over, though its older epoch was refused while the claim was under way', async () => {
  const { residents, enter, answer, live, seat } = await room()
  const body = await live()
  expect(await seat()).toBe('taken')
  const second = enter()
  // The database has claimed it; before its answer comes that of a save of the older epoch: refused.
  const fenced = residents.fence(body)
  await answer(2)
  await Promise.all([second, fenced])
  expect(residents.get('ann')).toBe(body)
  expect(body).toMatchObject({ phase: 'live', epoch: 2 })
  expect(await seat()).toBe('taken')
})

it('S2: who is live elsewhere is let go, the seat is free, and nobody is said to be here', async () => {
  const { residents, live, seat, said } = await room()
  const body = await live()
  await residents.fence(body)
  expect(residents.get('ann')).toBeUndefined()
  expect(await seat()).toBeUndefined()
  expect(said()).toBeUndefined()
})

it('D1: who leaves while the directory is away for long is not said to be here for ever', async () => {
  let calls = 0
  const { residents, live, seat, said } = await room((directory) => ({
    clearPresence: async (character, epoch) => {
      if (++calls <= 30) throw new Error('the directory is away')
      await directory.clearPresence(character, epoch)
    },
  }))
  const body = await live()
  expect(said()).toMatchObject({ copy: 'a', epoch: 1 })
  await residents.disconnected(body, true)
  expect(said()).toBeUndefined()
  expect(await seat()).toBeUndefined()
})

it('D1: a word that did not get through is not said again when its character has gone meanwhile', async () => {
  const answers: ((error: Error) => void)[] = []
  const { residents, live, said } = await room((directory) => ({
    setPresence: (presence) => (answers.length === 0 ? new Promise((_, reject) => void answers.push(reject)) : directory.setPresence(presence)),
  }))
  const body = await live()
  await residents.disconnected(body, true)
  answers[0]?.(new Error('no answer'))
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  expect(said()).toBeUndefined()
})

it('S3: the seat of one who has gone and comes back is not freed under them', async () => {
  const { residents, enter, answer, live, seat } = await room()
  const body = await live()
  residents.remove(body)
  // They come back while the seat of before has yet to be freed.
  const back = enter()
  const freed = residents.vacate('ann', 1)
  await answer(3)
  await Promise.all([back, freed])
  expect(await seat()).toBe('taken')
})

it('S1: a login whose client hung up while it waited for its turn claims nobody', async () => {
  const { enter, residents, seat } = await room()
  await expect(enter(true)).rejects.toMatchObject({ code: 'SEAT_EXPIRED' })
  expect(residents.size).toBe(0)
  expect(await seat()).toBe('held')
})

it('D2: what was refused since a login into this copy was faster is saved as soon as that has the body, and not with the next save', async () => {
  const { core, residents, enter, answer, live, written, claimed } = await room()
  using saver = new Saver(core, residents)
  await live()
  const second = enter()
  // The database has claimed it for the login, which does not know it yet.
  claimed(2)
  await saver.save()
  expect(written).toEqual([])
  await answer(2)
  await second
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  expect(written).toEqual([2])
})
