import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Copy } from '../../model/copy.ts'
import { control } from '../../model/wire/room.ts'
import type { Player } from './player.ts'
import { maskedFrame, RawClient } from './rawClient.ts'
import { type Served, Servers, until } from './servers.ts'

let servers: Servers
let server: Served
let town: Copy & { state: 'open' }
let witness: Player

beforeAll(async () => {
  servers = await Servers.start()
  server = await servers.server()
  town = await servers.open('town', 'town-1', server)
  witness = await servers.enter(await servers.holder('Witness'), town)
})
afterAll(async () => {
  await servers[Symbol.asyncDispose]()
})

let seq = 0
/** Checks that another player in the same copy is still connected and gets an answer within a second. */
async function unaffected(): Promise<void> {
  const began = performance.now()
  witness.messages.length = 0
  witness.room.send(control.input, { seq: ++seq, data: { dx: 0, dy: 0 } })
  expect(await witness.message(control.ack)).toEqual({ lastInput: seq })
  expect(performance.now() - began).toBeLessThan(1_000)
  expect(witness.closed).toBeUndefined()
}
const metric = async (line: RegExp): Promise<number> => Number(line.exec(await (await fetch(`${server.probes}/metrics`)).text())?.[1] ?? 0)
/** Resolves with the time in ms until the server has closed the socket. */
async function closedAfter(client: RawClient, began: number, timeoutMs: number): Promise<number> {
  await until('the server closes the socket', async () => client.closedAt !== undefined, timeoutMs)
  return (client.closedAt ?? Number.NaN) - began
}

it('X1: a client that never confirms its join is disconnected within 7 s', async () => {
  const mute = await servers.holder('Mute')
  const client = await RawClient.join(server.address, town.id, await servers.ticket(mute, town))
  const after = await closedAfter(client, performance.now(), 9_000)
  expect(after).toBeGreaterThan(3_000)
  expect(after).toBeLessThan(8_000)
  expect(await metric(/strata_gameserver_refusals_total\{[^}]*code="JOIN_UNCONFIRMED"[^}]*\} (\d+)/)).toBe(1)
  await unaffected()
})

it('X1: a client that ignores its disconnection is not read any more, and its socket is destroyed within 2 s', async () => {
  const vandal = await servers.holder('Vandal')
  const client = await RawClient.join(server.address, town.id, await servers.ticket(vandal, town))
  await client.confirm()
  await until('is live', async () => client.received > 200)
  const began = performance.now()
  const flood = Buffer.concat(Array.from({ length: 5_000 }, () => maskedFrame(new Uint8Array([17, 0xa1, 0x78, 1]))))
  // 10 bytes a frame. The kernel buffers some megabytes; what the server reads shows in the time until the writes stop.
  let accepted = 0
  while (client.closedAt === undefined && performance.now() - began < 5_000) {
    if (client.socket.write(flood)) accepted += flood.length
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(await closedAfter(client, began, 100)).toBeLessThan(2_500)
  expect(accepted).toBeLessThan(20_000_000)
  await unaffected()
})
