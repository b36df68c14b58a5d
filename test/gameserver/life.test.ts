import { expect, it } from 'vitest'
import { DEMO_STATE_VERSION } from '../../gameserver/demo/state.ts'
import { closingCopy } from '../../model/copy.ts'
import { catalogue } from '../../model/errors.ts'
import { control } from '../../model/wire/room.ts'
import { until } from './harness/servers.ts'
import { serversOfFile } from './harness/serversOfFile.ts'

const servers = await serversOfFile()
const copyOf = async (map: string, id: string) => (await servers.directory.snapshot(map)).copies.find((copy) => copy.id === id)

it('D1: an emptied directory is rebuilt within 5 s, without disconnecting a player', async () => {
  const server = await servers.server({ REGION: 'eu' })
  const copy = await servers.open('hills', 'hills-1', server)
  const ann = await servers.holder('Ann')
  const player = await servers.enter(ann, copy)
  await until('presence', async () => (await servers.directory.presence([ann.character])).has(ann.character))
  await servers.emptyDirectory()
  expect(await servers.seat(copy, ann)).toBeUndefined()
  const began = Date.now()
  await until('the copy is back', async () => (await servers.seat(copy, ann)) === 'taken' && (await copyOf('hills', 'hills-1'))?.state === 'open')
  await until('presence is back', async () => (await servers.directory.presence([ann.character])).has(ann.character))
  await until('the server is back', async () => (await servers.directory.servers()).some(({ id, region }) => id === server.name && region === 'eu'))
  expect(Date.now() - began).toBeLessThan(5_000)
  expect(player.closed).toBeUndefined()
  await player.room.leave()
})

it('C2: a closing copy notifies its players and is removed when the last one has left', async () => {
  const server = await servers.server()
  const copy = await servers.open('marsh', 'marsh-1', server)
  const player = await servers.enter(await servers.holder('Ben'), copy)
  await servers.directory.changeCopy(closingCopy(copy, { reason: 'merge', deadline: Date.now() + 60_000, successors: [] }, Date.now()), 'open')
  expect(await player.message(control.closing)).toMatchObject({ reason: 'merge' })
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect(await copyOf('marsh', 'marsh-1')).toMatchObject({ state: 'closing', states: { writes: DEMO_STATE_VERSION, reads: DEMO_STATE_VERSION } })
  await player.room.leave()
  await until('the copy is gone', async () => (await copyOf('marsh', 'marsh-1')) === undefined)
})

it('the body of a player whose connection dropped stays for DISCONNECT_GRACE_MS, 10 s by default', async () => {
  const [short, usual] = [await servers.server({ DISCONNECT_GRACE_MS: '300' }), await servers.server()]
  const [here, there] = [await servers.open('shore', 'shore-1', short), await servers.open('shore', 'shore-2', usual)]
  const [gil, hal] = [await servers.holder('Gil'), await servers.holder('Hal')]
  for (const [holder, copy] of [[gil, here] as const, [hal, there] as const]) {
    const player = await servers.enter(holder, copy)
    await until('the seat is taken', async () => (await servers.seat(copy, holder)) === 'taken')
    await player.room.leave(false)
  }
  await until('the short grace is over', async () => (await servers.seat(here, gil)) === undefined, 4_000)
  expect(await servers.seat(there, hal)).toBe('taken')
  await until('the store knows the copy that was left', async () => (await servers.store.profile(gil.character))?.left?.copy === 'shore-1')
})

it('a player who is idle while others wait in line is warned, then disconnected with IDLE_RELEASED, and the seat is freed', async () => {
  const server = await servers.server()
  const copy = await servers.open('glade', 'glade-1', server)
  const [idle, busy] = [await servers.holder('Dot'), await servers.holder('Eli')]
  const [sitting, walking] = [await servers.enter(idle, copy), await servers.enter(busy, copy)]
  let [seq, repeated] = [0, 0]
  const steps = setInterval(() => walking.room.send(control.input, { seq: ++seq, data: { dx: seq % 2 === 0 ? 1 : -1, dy: 0 } }), 200)
  // A client that repeats the same input shows no activity.
  const repeats = setInterval(() => sitting.room.send(control.input, { seq: ++repeated, data: { dx: 0, dy: 0 } }), 50)
  const next = await servers.holder('Fay')
  const now = Date.now()
  // No warning while nobody waits in line.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(sitting.messages.some(({ type }) => type === control.idle)).toBe(false)
  const entry = { id: 'fay', map: 'glade', rank: 0, arrived: now, holders: [next], keepUntil: now + 60_000, idleReleaseMs: 2_500 }
  await servers.directory.joinLine(entry, 10, now)
  expect(await sitting.message<{ leavesAt: number }>(control.idle)).toMatchObject({ leavesAt: expect.any(Number) })
  await sitting.until('it has left', () => sitting.closed !== undefined)
  clearInterval(steps)
  clearInterval(repeats)
  expect(sitting.closed).toBe(catalogue.IDLE_RELEASED.close)
  await until('the seat is free', async () => (await servers.seat(copy, idle)) === undefined)
  expect(walking.closed).toBeUndefined()
  expect(await servers.seat(copy, busy)).toBe('taken')
  await walking.room.leave()
})

it('C4: a server reports its counters to Agones, survives a restart of the sidecar, and shuts down when it is marked and empty', async () => {
  const server = await servers.server()
  const copy = await servers.open('town', 'town-1', server)
  const player = await servers.enter(await servers.holder('Cyd'), copy)
  const { record } = server.sidecar
  await until('counters', async () => record.counter('rooms').count === 1 && record.counter('players').count === 1)
  await server.sidecar.restart()
  const before = server.sidecar.pings
  await until('health pings go on', async () => server.sidecar.pings >= before + 2, 10_000)
  record.markOverflow()
  await until('it drains', async () => (await servers.directory.servers()).some(({ id, draining }) => id === server.name && draining), 10_000)
  expect((await fetch(`${server.probes}/readyz`)).status).toBe(503)
  expect((await fetch(`${server.probes}/healthz`)).status).toBe(200)
  expect(await (await fetch(`${server.probes}/metrics`)).text()).toMatch(/strata_gameserver_characters\{[^}]*\} 1/)
  await servers.directory.addCopy({ id: 'town-2', map: 'town', state: 'opening', server: server.name, created: 0, since: 0 })
  await until('a new copy is refused', async () => (await copyOf('town', 'town-2')) === undefined)
  expect(player.closed).toBeUndefined()
  await servers.directory.changeCopy(closingCopy(copy, { reason: 'drain', deadline: Date.now(), successors: [] }, Date.now()), 'open')
  await player.room.leave()
  await until('it requests its shutdown', async () => record.state === 'Shutdown')
})

it('D1: a server that is set to Ready while people play on it allocates itself again', async () => {
  const server = await servers.server()
  const copy = await servers.open('town', 'town-in-use', server)
  const player = await servers.enter(await servers.holder('Uma'), copy)
  const { record } = server.sidecar
  record.to('Allocated', Date.now())
  record.to('Ready', Date.now())
  await until('it is allocated again', async () => record.state === 'Allocated')
  await player.room.leave()
})

it('D2: after SIGTERM a server waits for players to be moved, saves the remaining ones, and exits with code 0', async () => {
  const server = await servers.server({ DRAIN_DEADLINE_MS: '1500' })
  const copy = await servers.open('forest', 'forest-9', server)
  const dee = await servers.holder('Dee')
  const player = await servers.enter(dee, copy)
  player.room.send(control.input, { seq: 1, data: { dx: 1, dy: 0 } })
  const start = await player.until('sees itself', () => player.seen.get(dee.entity)?.x)
  await player.until('walks', () => (player.seen.get(dee.entity)?.x ?? start) > start + 2)
  const began = Date.now()
  server.process.kill('SIGTERM')
  const draining = async () => (await servers.directory.servers()).find((one) => one.id === server.name && one.draining)
  await until('it reports that it drains', async () => (await draining()) !== undefined)
  expect((await draining())?.leavesBy).toSatisfy((at: number) => Math.abs(at - began - 1_500) < 1_000)
  expect(player.closed).toBeUndefined()
  expect(await player.until('is disconnected', () => player.closed)).toBe(4142)
  expect(Date.now() - began).toBeGreaterThanOrEqual(1_400)
  expect(await server.ended).toBe(0)
  expect((await servers.directory.servers()).some(({ id }) => id === server.name)).toBe(false)
  expect(await copyOf('forest', 'forest-9')).toBeUndefined()
  expect((await servers.directory.presence([dee.character])).size).toBe(0)
  const { state } = await servers.store.claim(dee.character, { copy: 'x', server: 'x' })
  expect((state as { game: { x: number } }).game.x).toBeGreaterThan(start + 2)
})

it('C4: an empty server exits at once after SIGTERM', async () => {
  const server = await servers.server({ DRAIN_DEADLINE_MS: '60000' })
  const began = Date.now()
  server.process.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  expect(Date.now() - began).toBeLessThan(3_000)
})
