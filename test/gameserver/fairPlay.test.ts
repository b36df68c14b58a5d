import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Copy } from '../../model/copy.ts'
import type { ViolationKind } from '../../model/fairness.ts'
import { seededRandom } from '../../model/random.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { control } from '../../model/wire/room.ts'
import type { Player } from './harness/player.ts'
import { type Served, Servers, until } from './harness/servers.ts'

/** Time in ms after an arrival in which repeated inputs are honest. */
const REPLAYS_MS = 15_000
const game = { main: 'test/gameserver/fixtures/fairMain.ts' }

let servers: Servers
let server: Served
let arena: Copy & { state: 'open' }
let witness: Player
let witnessed: SeatHolder
let early: { player: Player; holder: SeatHolder; since: number }
/** What the log has to have after all tests, by character. */
const expected: { character: string; kind: ViolationKind }[] = []
let seq = 0

beforeAll(async () => {
  servers = await Servers.start()
  server = await servers.server({ REQUESTS_PER_ADDRESS: '1000', CONNECTIONS_PER_ADDRESS: '1000' }, game)
  arena = await servers.open('arena', 'arena-1', server)
  witnessed = await servers.holder('Witness 0')
  witness = await servers.enter(witnessed, arena)
  const holder = await servers.holder('Repeater 0')
  early = { player: await servers.enter(holder, arena), holder, since: performance.now() }
})
afterAll(() => servers[Symbol.asyncDispose]())

async function cheat(name: string, kind: ViolationKind): Promise<Player> {
  const holder = await servers.holder(name)
  expected.push({ character: holder.character, kind })
  return servers.enter(holder, arena)
}

interface Place {
  x: number
  y: number
  accepted: boolean
}
const places = (player: Player): Place[] => player.messages.filter(({ type }) => type === 'at').map(({ data }) => data as Place)

/** Sends inputs and resolves with the places that the server answered. */
async function walk(player: Player, steps: readonly { x: number; y: number; ms?: number }[], first = 1): Promise<Place[]> {
  const before = places(player).length
  for (const [n, data] of steps.entries()) player.room.send(control.input, { seq: first + n, data })
  return player.until('the server answers', () => (places(player).length >= before + steps.length ? places(player).slice(before) : undefined), 15_000)
}

async function unaffected(): Promise<void> {
  witness.messages.length = 0
  witness.room.send(control.input, { seq: ++seq, data: { x: 0, y: 0 } })
  expect(await witness.message(control.ack, 15_000)).toEqual({ lastInput: seq })
  expect([witness.closed, server.process.exitCode]).toEqual([undefined, null])
}

it('F2: a client that walks twice its speed is corrected', async () => {
  const player = await cheat('Speedy 0', 'speed')
  const steps = await walk(
    player,
    [1, 2, 3].map((n) => ({ x: 0.6 * n, y: 0, ms: 50 })),
  )
  expect(steps.map(({ accepted }) => accepted)).toEqual([false, false, false])
  expect(steps.at(-1)?.x).toBeLessThan(1.5)
  await unaffected()
})

it('F2: a client that jumps stays where it was', async () => {
  const player = await cheat('Jumper 0', 'teleport')
  expect(await walk(player, [{ x: 500, y: 500 }])).toEqual([{ x: 0, y: 0, accepted: false }])
  await unaffected()
})

it('F2: a client that walks through a wall stands in front of it', async () => {
  const player = await cheat('Ghost 8', 'wall')
  // So that the way is not too long for the time since its arrival.
  await pause(1_500)
  const [at] = await walk(player, [{ x: 13, y: 0 }])
  expect(at).toMatchObject({ y: 0, accepted: false })
  expect(at?.x).toBeLessThan(10)
  await unaffected()
})

const acted = (player: Player) => player.messages.filter(({ type }) => type === 'acted').map(({ data }) => data as { allowed: boolean; reason?: string })

it('F2: a client that ignores a cool-down acts once', async () => {
  const player = await cheat('Hasty 1', 'cooldown')
  for (let n = 0; n < 60; n++) player.room.send('slash', { target: witnessed.entity })
  await player.until('all are answered', () => acted(player).length === 60, 15_000)
  expect(acted(player)[0]).toMatchObject({ allowed: true })
  // A slow machine takes longer than one cool-down for all of them.
  expect(acted(player).filter(({ allowed }) => allowed).length).toBeLessThan(10)
  await unaffected()
})

it.each<[string, string, 'range' | 'sight', string]>([
  ['out of its range', 'Archer -100', 'range', 'slash'],
  ['behind a wall', 'Sniper 20', 'sight', 'shoot'],
])('F2: a client that hits somebody %s is refused', async (_, name, kind, action) => {
  const player = await cheat(name, kind)
  player.room.send(action, { target: witnessed.entity, seenTick: 0 })
  await player.until('the server answers', () => acted(player).length > 0, 15_000)
  expect(acted(player)).toMatchObject([{ allowed: false, reason: kind }])
  await unaffected()
})

it('F2: replayed and reordered inputs change nothing', async () => {
  const { player, holder, since } = early
  expected.push({ character: holder.character, kind: 'sequence' })
  await pause(Math.max(0, since + REPLAYS_MS + 1_000 - performance.now()))
  await walk(
    player,
    [0.1, 0.2, 0.3].map((x) => ({ x, y: 0 })),
  )
  // Input 2 again, out of order and elsewhere; then input 3 again.
  player.room.send(control.input, { seq: 2, data: { x: -1, y: 0 } })
  player.room.send(control.input, { seq: 3, data: { x: 0.3, y: 0 } })
  expect((await walk(player, [{ x: 0.4, y: 0 }], 4)).map(({ x }) => x)).toEqual([0.4])
  expect(places(player)).toHaveLength(4)
  await unaffected()
})

it('X1: a client that sends more of one message than the room handles is thinned and plays on', async () => {
  const player = await cheat('Waver 0', 'rate')
  for (let n = 0; n < 100; n++) player.room.send('wave', {})
  expect(await walk(player, [{ x: 0.1, y: 0 }])).toHaveLength(1)
  expect(player.closed).toBeUndefined()
  await unaffected()
})

it.each<[string, ViolationKind, number, (player: Player) => void]>([
  ['a message above the size limit', 'oversize', 1009, (player) => player.room.send('wave', { text: 'x'.repeat(8_000) })],
  ['a message of the wrong shape', 'malformed', 4151, (player) => player.room.send('slash', 'x')],
  [
    'a flood of frames',
    'flood',
    4150,
    (player) => {
      for (let n = 0; n < 5_000; n++) player.room.send('wave', {})
    },
  ],
])('X1: %s disconnects its sender and nobody else', async (_, kind, code, attack) => {
  const player = await cheat(`Vandal ${kind}`, kind)
  attack(player)
  expect(await player.until('is cut off', () => player.closed, 15_000)).toBe(code)
  await unaffected()
})

it('X1: 10,000 fuzzed frames disconnect their senders and nobody else', { timeout: 180_000 }, async () => {
  const random = seededRandom(20_261_130)
  const byte = (): number => Math.floor(random() * 256)
  const SENDERS = 40
  const send = async (sender: number): Promise<void> => {
    const player = await servers.enter(await servers.holder(`Fuzzer f${sender}`), arena)
    for (let n = 0; n < 10_000 / SENDERS; n++)
      player.room.connection.send(Uint8Array.from([9 + Math.floor(random() * 11), ...Array.from({ length: Math.floor(random() * 60) }, byte)]))
    // Colyseus closes the connection itself after some bytes that are well-formed frames of its protocol, such as a leave.
    await player.until('is cut off', () => player.closed, 30_000)
  }
  await Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(sender)))
  await unaffected()
})

it('F4: the policy of the map warns, then ends the session', async () => {
  const now = Date.now()
  const fairness = { kinds: { speed: { warn: 2, kick: 4 } } }
  await servers.directory.addCopy({ id: 'strict-1', map: 'strict', state: 'opening', server: server.name, created: now, since: now, fairness })
  const strict = await until('the copy is open', async () => {
    const [copy] = (await servers.directory.snapshot('strict')).copies
    return copy?.state === 'open' ? copy : undefined
  })
  const holder = await servers.holder('Stubborn 0')
  const player = await servers.enter(holder, strict)
  for (let n = 1; n <= 3; n++) player.room.send(control.input, { seq: n, data: { x: 0.7 * n, y: 0, ms: 50 } })
  expect(await player.message(control.warned, 15_000)).toEqual({ kind: 'speed' })
  expect(player.closed).toBeUndefined()
  player.room.send(control.input, { seq: 4, data: { x: 2.8, y: 0, ms: 50 } })
  expect(await player.until('is kicked', () => player.closed, 15_000)).toBe(4220)
  expected.push({ character: holder.character, kind: 'speed' })
  await unaffected()
})

it('F4: each cheat is in the log with what the server saw', { timeout: 60_000 }, async () => {
  expect(expected.length).toBeGreaterThan(10)
  for (const { character, kind } of expected) {
    const row = await until(
      `a row about ${kind}`,
      async () => (await servers.store.violations({ characters: [character], limit: 10 })).find((one) => one.kind === kind),
      30_000,
    )
    expect(row).toMatchObject({ map: expect.stringMatching(/arena|strict/), copy: expect.stringMatching(/-1$/), count: expect.any(Number) })
    expect(row.trust).toBeLessThan(100)
  }
  expect(await servers.store.violations({ characters: [witnessed.character], limit: 10 })).toEqual([])
})
