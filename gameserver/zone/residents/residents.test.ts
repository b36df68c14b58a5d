import { Registry } from 'prom-client'
import { expect, it, vi } from 'vitest'
import type { Directory } from '../../../directory/directory.ts'
import { MemoryDirectory } from '../../../directory/memory.ts'
import { type Copy, openedCopy } from '../../../model/copy.ts'
import type { SeatHolder } from '../../../model/seat.ts'
import { plainEntities } from '../../../model/wire/entities/defineEntities.ts'
import type { Claim } from '../../../store/store.ts'
import { createGameServerMetrics } from '../../metrics.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import { InterestGrid } from '../sight/interestGrid.ts'
import { Residents, type Save } from './residents.ts'
import { SaveBatches } from './saveBatches.ts'
import { Saver } from './saver.ts'

/** Retries happen at once. */
vi.mock('node:timers/promises', () => ({ setTimeout: () => new Promise(setImmediate) }))

const ann: SeatHolder = { character: 'ann', entity: 1, name: 'Ann', language: 'en' }
const place = { map: 'forest', copy: 'a', server: 's' }

/** One room with an in-memory directory. The test decides when the database answers a claim, and can replace methods of the directory. */
async function room(overrides: (directory: Directory) => Partial<Directory> = () => ({})) {
  const memory = new MemoryDirectory()
  const directory = overridden(memory, overrides(memory))
  const opening: Copy = { state: 'opening', id: place.copy, map: place.map, server: place.server, created: 0, since: 0 }
  await directory.addCopy(opening)
  await directory.changeCopy(openedCopy(opening, 'ws://127.0.0.1:1', 0), 'opening')
  await directory.holdSeats({ map: place.map, holders: [ann], options: [{ copy: place.copy, limit: 5 }], now: 0, deadline: 10_000 })
  const busy = { now: false }
  const noop = () => undefined
  const log = { info: noop, warn: noop, error: noop }
  const claims: ((claim: Claim) => void)[] = []
  const written: number[] = []
  /** Like the database: refuses an epoch that is older than the newest claim. */
  let newest = 1
  const saveMany = async (saves: readonly Save[]) => {
    written.push(...saves.flatMap(({ epoch }) => (epoch === newest ? [epoch] : [])))
    return saves.flatMap(({ character, epoch }) => (epoch === newest ? [] : [character]))
  }
  const services = {
    ...{ directory, server: place.server, rooms: new Map(), profiles: { check: noop }, clock: { now: () => 0 }, random: () => 0.5 },
    metrics: createGameServerMetrics(new Registry()),
    store: { claim: () => new Promise<Claim>((answer) => void claims.push(answer)), leave: async () => true, saveMany },
  }
  const hooks = {
    stateVersion: 1,
    fresh: () => ({}),
    spawn: () => ({ kind: 0, x: 0, y: 0, heading: 0, flags: 0 }),
    entered: noop,
    left: noop,
    selfState: noop,
    disconnected: noop,
    canLeave: () => !busy.now,
    save: () => ({}),
  }
  const saves = new SaveBatches({ store: { saveMany, notHeld: async () => [] }, clock: services.clock, random: () => 0.5, log, metrics: services.metrics })
  const core = {
    ...{
      services: { ...services, saves },
      hooks,
      copy: place.copy,
      map: place.map,
      tickRate: 20,
      saveEveryMs: 30_000,
      leaveWithinMs: 20_000,
      range: { radius: 10, margin: 1 },
      entities: plainEntities,
      grid: new InterestGrid(8),
    },
    ...{
      log,
      tick: () => 1,
      guard: (_: string, run: () => void) => run(),
      watched: <T>(_: string, code: () => T) => code(),
    },
  }
  const residents = new Residents(core as unknown as ZoneCore<unknown, unknown>)
  const enter = (disconnected = false) =>
    residents.enter({ closed: false, disconnected, send: noop, close: noop, acceptsSnapshot: () => false } as unknown as Connection, { holder: ann })
  const answer = async (epoch: number) => {
    while (claims.length === 0) await new Promise(setImmediate)
    claims.shift()?.({ epoch, state: null, stateVersion: 1 })
  }
  /** Logs Ann in at epoch 1 and returns her. */
  const live = async () => {
    const first = enter()
    await answer(1)
    await first
    const body = residents.get(ann.character)
    if (body === undefined) throw new Error('the login did not spawn a body')
    return body
  }
  const seat = async () => (await memory.snapshot(place.map)).seats.find((one) => one.seat.character === ann.character)?.seat.state
  const presence = () => memory.whereIs(ann.character)
  const claimed = (epoch: number) => {
    newest = epoch
  }
  return { core: core as unknown as ZoneCore<unknown, unknown>, residents, enter, answer, live, seat, presence, written, claimed, busy, memory, saves }
}

function overridden(directory: Directory, methods: Partial<Directory>): Directory {
  return new Proxy(directory, {
    get(target, name) {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

it('S2, S3: a second login into the same copy takes the body over, even when a save at the old epoch is refused during the claim', async () => {
  const { residents, enter, answer, live, seat } = await room()
  const body = await live()
  expect(await seat()).toBe('taken')
  const second = enter()
  // The database has claimed the character. The refusal of a save at the older epoch arrives before the answer to the claim.
  const fenced = residents.fence(body)
  await answer(2)
  await Promise.all([second, fenced])
  expect(residents.get('ann')).toBe(body)
  expect(body).toMatchObject({ phase: 'live', epoch: 2 })
  expect(await seat()).toBe('taken')
})

it('S2: a character that is live elsewhere is removed, with its seat and its presence', async () => {
  const { residents, live, seat, presence } = await room()
  const body = await live()
  await residents.fence(body)
  expect(residents.get('ann')).toBeUndefined()
  expect(await seat()).toBeUndefined()
  expect(presence()).toBeUndefined()
})

it('D1: the presence of a character that leaves during a long outage of the directory is cleared after it', async () => {
  let calls = 0
  const { residents, live, seat, presence } = await room((directory) => ({
    clearPresence: async (character, epoch) => {
      if (++calls <= 30) throw new Error('the directory is down')
      await directory.clearPresence(character, epoch)
    },
  }))
  const body = await live()
  expect(presence()).toMatchObject({ copy: 'a', epoch: 1 })
  await residents.disconnected(body, 'left')
  expect(presence()).toBeUndefined()
  expect(await seat()).toBeUndefined()
})

it('D1: a presence write that failed is not repeated after its character has left', async () => {
  const answers: ((error: Error) => void)[] = []
  const { residents, live, presence } = await room((directory) => ({
    setPresence: (presence) => (answers.length === 0 ? new Promise((_, reject) => void answers.push(reject)) : directory.setPresence(presence)),
  }))
  const body = await live()
  await residents.disconnected(body, 'left')
  answers[0]?.(new Error('no answer'))
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  expect(presence()).toBeUndefined()
})

it('S3: the seat of a character that leaves and logs in again stays taken', async () => {
  const { residents, enter, answer, live, seat } = await room()
  const body = await live()
  residents.remove(body)
  // Ann logs in again before the earlier seat was freed.
  const back = enter()
  const freed = residents.clearPresenceAndSeat('ann', 1)
  await answer(3)
  await Promise.all([back, freed])
  expect(await seat()).toBe('taken')
})

it('S1: a login whose client disconnects while it waits claims no character', async () => {
  const { enter, residents, seat } = await room()
  await expect(enter(true)).rejects.toMatchObject({ code: 'SEAT_EXPIRED' })
  expect(residents.size).toBe(0)
  expect(await seat()).toBe('held')
})

/** What a login elsewhere asks. */
const asked = { type: 'letGo', server: place.server, copy: place.copy, character: 'ann', ask: 'b 1' } as const

it('S1, D2: a login elsewhere gets a character that is free, and an answer when it is busy or released for a move', async () => {
  const { residents, live, seat, presence, busy } = await room()
  const body = await live()
  // A question about an earlier life of the character, and one during the release of a move, whose end decides.
  await residents.letGo({ ...asked, epoch: 0 })
  body.phase = 'frozen'
  await residents.letGo({ ...asked, epoch: 1 })
  expect([residents.get('ann'), presence()?.keeps]).toEqual([body, undefined])
  body.phase = 'released'
  await residents.letGo({ ...asked, epoch: 1 })
  expect(presence()?.keeps).toEqual({ ask: 'b 1', forMs: 0 })
  body.phase = 'live'
  busy.now = true
  await residents.letGo({ ...asked, epoch: 1 })
  expect(presence()?.keeps).toEqual({ ask: 'b 1', forMs: 20_000 })
  expect(body.connection).toBeDefined()
  busy.now = false
  await residents.letGo({ ...asked, epoch: 1 })
  expect([residents.get('ann'), presence(), await seat()]).toEqual([undefined, undefined, undefined])
})

it('M3: the body of a busy player who has left stays for the rest of its time, and no longer', async () => {
  const { residents, live, presence, busy } = await room()
  const body = await live()
  busy.now = true
  void residents.disconnected(body, 'dropped')
  body.staysUntil = 4_000
  await residents.letGo({ ...asked, epoch: 1 })
  expect(presence()?.keeps).toEqual({ ask: 'b 1', forMs: 4_000 })
  body.staysUntil = 0
  await residents.letGo({ ...asked, epoch: 1 })
  expect(presence()).toBeUndefined()
})

/** Ann is live in another copy, whose server does nothing until `answer` is called. */
async function liveElsewhere() {
  const asks: string[] = []
  const made = await room(() => ({ tellServer: async (event) => void (event.type === 'letGo' && asks.push(event.ask)) }))
  const elsewhere = { character: 'ann', map: 'hills', copy: 'b', server: 's2', epoch: 7 }
  await made.memory.setPresence(elsewhere)
  const answers = async (forMs: number, ask?: string): Promise<void> => {
    while (asks.length === 0) await new Promise(setImmediate)
    await made.memory.setPresence({ ...elsewhere, keeps: { ask: ask ?? asks[0] ?? '', forMs } })
  }
  return { ...made, answers }
}

it('M3: a login is refused while the character is busy elsewhere, and its seat is free again; the answer to another login does not count', async () => {
  const { enter, answers, residents, seat } = await liveElsewhere()
  const login = enter()
  await answers(0, 'another login')
  await answers(3_200)
  await expect(login).rejects.toMatchObject({ code: 'CHARACTER_BUSY', details: { map: 'hills', seconds: 4 } })
  expect([residents.size, residents.arriving.size, await seat()]).toEqual([0, 0, undefined])
})

it('S1: a login claims nothing when its client disconnects while the other server saves', async () => {
  const { answers, residents, seat, memory } = await liveElsewhere()
  const connection = { closed: false, disconnected: false }
  const login = residents.enter(connection as unknown as Connection, { holder: ann })
  connection.disconnected = true
  await answers(0)
  await expect(login).rejects.toMatchObject({ code: 'SEAT_EXPIRED' })
  expect([residents.size, await seat(), memory.whereIs('ann')?.copy]).toEqual([0, undefined, 'b'])
})

it('D2: a save that was refused because of a second login into this copy is repeated as soon as that login has the body', async () => {
  const { core, residents, enter, answer, live, written, claimed, saves } = await room()
  using batches = saves
  using _saver = new Saver(core, residents)
  await live()
  const second = enter()
  // The database has claimed the character for the second login, but its answer has not arrived.
  claimed(2)
  await batches.save(Number.POSITIVE_INFINITY)
  expect(written).toEqual([])
  await answer(2)
  await second
  await vi.waitFor(() => expect(written).toEqual([2]))
})
