import { expect, it } from 'vitest'
import { control } from '../../model/wire/room.ts'
import type { Player } from './harness/player.ts'
import { townWithWitness } from './harness/serversOfFile.ts'

const { servers, server, town, witness, unaffected } = await townWithWitness()
const errors: string[] = []

const http = (path: string, init: RequestInit = {}): Promise<Response> => fetch(server.address.replace('ws:', 'http:') + path, init)
const frame = (...bytes: number[]): Uint8Array => new Uint8Array(bytes)

it.each<[string, (player: Player) => void, number]>([
  ['an unknown message', (player) => player.room.send('no such', {}), 4151],
  ['a message of the wrong shape', (player) => player.room.send('chat', { text: 7 }), 4151],
  ['a message without a body', (player) => player.room.send('gather'), 4151],
  ['an input with a negative number', (player) => player.room.send(control.input, { seq: -1, data: {} }), 4151],
  ['an input out of range', (player) => player.room.send(control.input, { seq: 1, data: { dx: Number.NaN, dy: 0 } }), 4151],
  ['a control message of the wrong shape', (player) => player.room.send(control.activate, 'x'), 4151],
  ['bytes of an unknown type', (player) => player.room.connection.send(frame(17, 0xa1, 0x78, 1, 2, 3)), 4151],
  ['a frame with an unreadable type', (player) => player.room.connection.send(frame(13, 0xff, 0xff, 0xff, 0xff, 0xff)), 4002],
  ['broken MessagePack', (player) => player.room.connection.send(frame(13, 0xa4, 0x63, 0x68, 0x61, 0x74, 0xc1, 0xdf, 0xff)), 4002],
  ['a message larger than allowed', (player) => player.room.send('chat', { text: 'x'.repeat(5_000) }), 1009],
])('X1: %s disconnects its sender and nobody else', async (_, attack, code) => {
  const player = await servers.enter(await servers.holder('Vandal'), town)
  attack(player)
  expect(await player.until('is cut off', () => player.closed)).toBe(code)
  await unaffected()
})

it('X1: a flood of messages disconnects its sender and nobody else', async () => {
  const player = await servers.enter(await servers.holder('Flooder'), town)
  for (let count = 0; count < 5_000; count++) player.room.send('chat', { text: 'spam' })
  expect(await player.until('is cut off', () => player.closed)).toBe(4150)
  expect(witness.messages.filter(({ type }) => type === 'chat').length).toBeLessThan(300)
  await unaffected()
})

it('X1: frames of random bytes do not affect the server or other players', async () => {
  let state = 1
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state >>> 24
  }
  for (let round = 0; round < 6; round++) {
    const player = await servers.enter(await servers.holder(`Fuzzer ${round}`), town)
    for (let count = 0; count < 40 && player.closed === undefined; count++) {
      player.room.connection.send(frame(10 + (next() % 14), ...Array.from({ length: next() % 60 }, next)))
    }
    player.room.connection.close()
    await player.until('is gone', () => player.closed ?? (player.room.connection.isOpen ? undefined : 1000)).catch((error: Error) => errors.push(error.message))
  }
  expect(errors).toEqual([])
  await unaffected()
})

it('X1: HTTP allows joinById only, with small bodies', async () => {
  const post = (path: string, body: string): Promise<Response> => http(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  for (const method of ['joinOrCreate', 'create', 'join', 'reconnect']) {
    const refused = await post(`/matchmake/${method}/default`, '{}')
    expect(refused.status).toBe(520)
    expect(await refused.json()).toMatchObject({ error: `invalid method "${method}"` })
  }
  for (const body of ['{', '[]', 'null', '"x"', '{"ticket":1}', '{"ticket":"x","more":1}', '']) {
    const status = (await post(`/matchmake/joinById/${town.id}`, body)).status
    expect(status, body).toBeGreaterThanOrEqual(400)
  }
  const huge = await post(`/matchmake/joinById/${town.id}`, JSON.stringify({ ticket: 'x'.repeat(100_000) }))
  expect(huge.status).toBe(413)
  expect(await huge.json()).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } })
  const endless = await http(`/matchmake/joinById/${town.id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Blob(['{}']).stream(),
    duplex: 'half',
  } as RequestInit)
  expect(endless.status).toBe(413)
  await unaffected()
})

it('X1: closes a WebSocket connection that has no seat', async () => {
  for (const path of ['/', `/x/${town.id}?sessionId=made-up`, '/x/nowhere?sessionId=made-up', `/x/${town.id}`]) {
    const socket = new WebSocket(server.address + path)
    const closed = Promise.withResolvers<number>()
    socket.onclose = ({ code }) => closed.resolve(code)
    expect(await closed.promise).toBeGreaterThanOrEqual(1000)
  }
  await unaffected()
})
