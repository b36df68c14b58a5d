import { Registry } from 'prom-client'
import { expect, it, vi } from 'vitest'
import { MemoryDirectory } from '../../directory/memory.ts'
import { VirtualClock } from '../../model/clock.ts'
import type { CharacterId, CopyId } from '../../model/ids.ts'
import { createLogger } from '../../service/log.ts'
import type { Store } from '../../store/store.ts'
import { createGameServerMetrics } from '../metrics.ts'
import { TicketBook } from '../zone/connection/ticketBook.ts'
import type { HostedRoom, ZoneServices } from '../zone/services.ts'
import { CopyReconciler } from './copyReconciler.ts'

const map = 'forest'
const room = (copy: CopyId): HostedRoom => ({
  copy,
  states: { writes: 2, reads: 3 },
  empty: true,
  load: 0 as const,
  population: 0,
  seats: () => [],
  presences: () => [],
  copyChanged: () => {},
  releaseIdle: () => undefined,
  takeOrder: () => {},
  tellPlayer: () => undefined,
  profilesRead: () => undefined,
  dismiss: () => undefined,
  letGo: () => undefined,
  claimSeen: () => {},
  close: async () => {},
})

/** A reconciler on a server without copies, and the directory that it reads. */
function setUp() {
  const directory = new MemoryDirectory()
  const clock = new VirtualClock(1_700_000_000_000)
  const read: CharacterId[] = []
  const services: ZoneServices = {
    server: 's1',
    clock,
    random: () => 0.5,
    log: createLogger('test', 'silent'),
    directory,
    // The reconciler does not use the database.
    store: {} as Store,
    ticketKeys: [],
    tickets: new TicketBook(),
    metrics: createGameServerMetrics(new Registry()),
    saves: { add: () => ({ [Symbol.dispose]: () => undefined }), soon: () => undefined },
    rooms: new Map(),
    profiles: { check: (characters) => void read.push(...characters) },
  }
  const announce = (): Promise<void> =>
    directory.reportServer({ id: 's1', fleet: 'f', address: 'ws://a', rooms: 4, protocol: { min: 1, max: 1 }, draining: false, beat: clock.now() })
  const reconciler = new CopyReconciler(services, {
    address: 'ws://a',
    roomName: () => 'room',
    draining: () => false,
    announce,
    createRoom: async (_name, { copy }) => services.rooms.set(copy, room(copy)),
  })
  const order = (id: CopyId, onMap = map) => directory.addCopy({ id, map: onMap, state: 'opening', server: 's1', created: clock.now(), since: clock.now() })
  return { directory, clock, reconciler, order, services, read }
}

it('D1: a server reports itself before it restores a copy, so that the copy is not declared lost again', async () => {
  const { directory, clock, reconciler, order } = setUp()
  await order('a')
  await reconciler.reconcile()
  directory.clear()
  clock.advance(60_000)
  const events: string[] = []
  directory.onEvent(({ type }) => events.push(type))
  await reconciler.reconcile()
  expect(events).toEqual(['server', 'copy'])
  expect((await directory.snapshot(map)).copies).toMatchObject([
    { id: 'a', state: 'open', server: 's1', states: { writes: 2, reads: 3 }, restored: clock.now() },
  ])
  expect(await directory.servers()).toMatchObject([{ id: 's1', beat: clock.now() }])
})

it('S6: the profiles of everybody in a restored copy are read again, because no message about a change arrived while the directory was empty', async () => {
  const { directory, reconciler, order, services, read } = setUp()
  await order('a')
  await reconciler.reconcile()
  const holder = { character: 'ada', entity: 1, name: 'Ada', language: 'en', state: 'taken' as const, since: 0 }
  services.rooms.set('a', { ...room('a'), empty: false, seats: () => [holder] })
  expect(read).toEqual([])
  directory.clear()
  await reconciler.reconcile()
  expect(read).toEqual(['ada'])
})

it('D1: after a gap in the events the next round writes the seats and presence that the directory has lost, without waiting for the audit', async () => {
  const { directory, clock, reconciler, order, services } = setUp()
  await order('a')
  await reconciler.reconcile()
  const ada = { character: 'ada', entity: 1, name: 'Ada', language: 'en' }
  const presence = { character: 'ada', map, copy: 'a', server: 's1', epoch: 1 }
  const seat = { ...ada, state: 'taken' as const, since: clock.now() }
  services.rooms.set('a', { ...room('a'), empty: false, seats: () => [seat], presences: () => [presence] })
  // Less than the interval of the audits.
  clock.advance(100)
  reconciler.noteEvent({ type: 'gap' })
  await reconciler.reconcile()
  expect((await directory.snapshot(map)).seats).toEqual([{ copy: 'a', seat }])
  expect(directory.whereIs('ada')).toEqual(presence)
})

it('reads the seats of its own copies only, and sees when another server has one of them', async () => {
  const { directory, clock, reconciler, order } = setUp()
  await order('a')
  await order('b')
  await directory.addCopy({ id: 'other', map, state: 'open', server: 's2', address: 'ws://b', created: clock.now(), since: clock.now() })
  await reconciler.reconcile()
  const [snapshot, hosted] = [vi.spyOn(directory, 'snapshot'), vi.spyOn(directory, 'hosted')]
  await reconciler.reconcile()
  expect(snapshot).not.toHaveBeenCalled()
  expect((await hosted.mock.results[0]?.value)?.copies).toMatchObject([{ id: 'a' }, { id: 'b' }])
  await directory.removeCopy(map, 'a')
  await directory.addCopy({ id: 'a', map, state: 'open', server: 's2', address: 'ws://b', created: clock.now(), since: clock.now() })
  await reconciler.reconcile()
  expect(reconciler.hosted()).toMatchObject([{ id: 'b' }])
})

it('opens an ordered copy in the next round, even when it is the first of its map on this server', async () => {
  const { directory, reconciler, order } = setUp()
  await reconciler.reconcile()
  directory.onEvent((event) => reconciler.noteEvent(event))
  for (const [id, onMap] of [
    ['a', 'forest'],
    ['b', 'hills'],
  ] as const) {
    await order(id, onMap)
    await reconciler.reconcile()
    expect((await directory.snapshot(onMap)).copies).toMatchObject([{ id, state: 'open' }])
  }
})
