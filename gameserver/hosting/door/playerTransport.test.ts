import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { ByteWriter } from '../../../model/wire/entities/bytes.ts'
import { FRONT, PlayerSocket } from '../../zone/connection/playerSocket.ts'
import { PlayerTransport } from './playerTransport.ts'

class Transport extends PlayerTransport {
  get sockets(): PlayerSocket[] {
    return [...this.wss.clients].filter((socket) => socket instanceof PlayerSocket)
  }
}

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

/** Both ends of one connection over TCP. It names no room, so that Colyseus answers each frame with a ping. */
async function connected(): Promise<{ client: WebSocket; server: PlayerSocket }> {
  const http = createServer()
  const transport = new Transport(http)
  transport.listen(0, '127.0.0.1')
  stack.defer(() => transport.shutdown())
  await once(http, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`) // it listens on TCP
  stack.defer(() => client.terminate())
  await once(client, 'open')
  const [server] = transport.sockets
  if (server === undefined) throw new Error('the transport made no PlayerSocket')
  return { client, server }
}

it('X1: a frame that the guard does not admit is not read', async () => {
  const { client, server } = await connected()
  const read: string[] = []
  server.on('message', (frame: Buffer) => read.push(frame.toString()))
  server.guard = { admits: () => read.length < 1, takes: () => false, malformed: () => undefined, oversize: () => undefined }
  const answered = once(client, 'message')
  for (const text of ['first', 'second', 'third']) client.send(text)
  await answered
  server.guard = undefined
  client.send('last')
  await once(client, 'message')
  expect(read).toEqual(['first', 'last'])
})

it('X1: an exception of the decoder is caught and told to the guard, and the connection goes on', async () => {
  const { client, server } = await connected()
  const [problems, broken] = [[] as unknown[], new Error('unreadable')]
  server.once('message', () => {
    throw broken
  })
  server.guard = { admits: () => true, takes: () => false, malformed: (error) => problems.push(error), oversize: () => undefined }
  client.send('x')
  client.send('y')
  await once(client, 'message')
  expect(problems).toEqual([broken])
})

it('a socket knows the stream below it, so that several frames are one write', async () => {
  const { client, server } = await connected()
  const answered = once(client, 'message')
  server.stream?.cork()
  server.send('a')
  server.send('b')
  expect(server.bufferedAmount).toBeGreaterThan(0)
  server.stream?.uncork()
  expect(String((await answered)[0])).toBe('a')
})

it('a binary message of any length arrives as it was when it was sent, in order with other frames', async () => {
  const { client, server } = await connected()
  const lengths = [0, 1, 125, 126, 300, 65_535, 65_536, 200_000]
  const received: Buffer[] = []
  client.on('message', (frame: Buffer) => received.push(frame))
  for (const length of lengths) {
    const message = new Uint8Array(length).fill(7)
    server.send(message, { binary: true })
    server.ping()
    if (length <= 65_535) message.fill(9)
  }
  server.send('last')
  await vi.waitFor(() => expect(received).toHaveLength(lengths.length + 1), 20_000)
  expect(received.slice(0, -1).map(({ length }) => length)).toEqual(lengths)
  for (const frame of received.slice(0, -1)) expect(frame.every((byte) => byte === 7)).toBe(true)
  expect(String(received.at(-1))).toBe('last')
})

it('frames that are written from one buffer arrive as they were written, those that the system takes at once and those that wait', async () => {
  const { client, server } = await connected()
  const received: string[] = []
  client.on('message', (frame: Buffer) => received.push(`${frame.length} ${[...new Set(frame)].join()}`))
  const out = new ByteWriter()
  const sent: string[] = []
  const write = (length: number, value: number): void => {
    out.reset(FRONT)
    out.reserve(length)
    for (let n = 0; n < length; n++) out.u8(value)
    server.sendWritten(Uint8Array.of(value), out)
    sent.push(`${length + 1} ${value}`)
  }
  const lengths = [1, 40, 123, 124, 125, 300, 20_000]
  for (const [n, length] of lengths.entries()) write(length, n + 1)
  server.stream?.cork()
  for (const [n, length] of lengths.entries()) write(length, n + 11)
  server.stream?.uncork()
  for (const [n, length] of lengths.entries()) write(length, n + 21)
  // More than the buffers of the system hold.
  client.pause()
  for (let n = 0; n < 800; n++) write(20_000, 31 + (n % 100))
  expect(server.bufferedAmount).toBeGreaterThan(0)
  client.resume()
  await vi.waitFor(() => expect(received).toHaveLength(sent.length), 20_000)
  expect(received).toEqual(sent)
})

it('a frame that the guard takes is not read by Colyseus', async () => {
  const { client, server } = await connected()
  const taken: string[] = []
  const take = (frame: Uint8Array, length: number): boolean => frame[0] === 1 && taken.push([...frame.subarray(0, length)].join()) > 0
  server.guard = { admits: () => true, takes: take, malformed: () => undefined, oversize: () => undefined }
  const read: unknown[] = []
  server.on('message', (frame: Buffer) => read.push([...frame]))
  for (const frame of [[1, 2], [3], [1, 4]]) client.send(Uint8Array.from(frame))
  await once(client, 'message')
  await vi.waitFor(() => expect(taken).toEqual(['1,2', '1,4']), 20_000)
  expect(read).toEqual([[3]])
})

it('frames arrive as the package ws would read them: in pieces of any size, short and long, with pings, texts and parts of messages between them', async () => {
  const { client, server } = await connected()
  const read: string[] = []
  server.on('message', (frame: Buffer, binary: boolean) => read.push(`${binary ? 'binary' : 'text'} ${frame.toString('latin1')}`))
  const pongs: string[] = []
  client.on('pong', (data: Buffer) => pongs.push(data.toString()))
  const tcp = tcpOf(client)
  const usual = [
    maskedFrame(0x82, 'a'),
    maskedFrame(0x82, 'b'.repeat(125)),
    maskedFrame(0x82, 'c'.repeat(126)),
    maskedFrame(0x89, 'ping'),
    maskedFrame(0x82, ''),
  ]
  const all = [...usual, maskedFrame(0x82, 'd'.repeat(4_096)), maskedFrame(0x02, 'one '), maskedFrame(0x80, 'message'), maskedFrame(0x81, 'text'), ...usual]
  const bytes = Buffer.concat(all)
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 251) {
    tcp.write(bytes.subarray(at, at + size))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const short = ['binary a', `binary ${'b'.repeat(125)}`, `binary ${'c'.repeat(126)}`, 'binary ']
  await vi.waitFor(() => expect(read).toEqual([...short, `binary ${'d'.repeat(4_096)}`, 'binary one message', 'text text', ...short]), 20_000)
  await vi.waitFor(() => expect(pongs).toEqual(['ping', 'ping']), 20_000)
})

it.each([
  ['a message above the limit', [0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0], 1009],
  ['a frame without a mask', [0x82, 0x01, 0x00], 1002],
  ['a reserved bit', [0xc2, 0x81, 0, 0, 0, 0, 0], 1002],
])('X1: %s closes the connection after the frames before it', async (_, bad, code) => {
  const { client, server } = await connected()
  const read: string[] = []
  server.on('message', (frame: Buffer) => read.push(frame.toString()))
  const closed = once(client, 'close')
  tcpOf(client).write(Buffer.concat([maskedFrame(0x82, 'before'), Buffer.from(bad), maskedFrame(0x82, 'after')]))
  expect((await closed)[0]).toBe(code)
  expect(read).toEqual(['before'])
})

it('X1: only a pong with the content of one of the last two pings is an answer', async () => {
  const { client, server } = await connected()
  const contents: Buffer[] = []
  // The package answers pings by itself.
  client.on('ping', (content: Buffer) => contents.push(Buffer.from(content)))
  const answered = once(server, 'pong')
  server.ping()
  await answered
  expect(server.unansweredPings).toBe(0)

  client.pause()
  const answers: Buffer[] = []
  server.on('pong', (content: Buffer) => answers.push(Buffer.from(content)))
  for (let n = 0; n < 3; n++) server.ping()
  for (const content of ['', 'abcd', contents[0]]) client.pong(content)
  // The server has read these pongs when it has read a message behind them.
  const read = once(server, 'message')
  client.send('behind')
  await read
  expect([answers, server.unansweredPings]).toEqual([[], 3])

  client.resume()
  await vi.waitFor(() => expect(server.unansweredPings).toBe(0), 20_000)
  await vi.waitFor(() => expect(answers).toEqual(contents.slice(2)), 20_000)
  expect(contents).toHaveLength(4)
})

it('a close from the client is answered', async () => {
  const { client, server } = await connected()
  const closed = once(server, 'close')
  client.send(Uint8Array.of(1))
  client.close(4321, 'bye')
  expect((await closed).map(String)).toEqual(['4321', 'bye'])
})

/** The TCP socket of a client: the package ws has no call that writes bytes as they are. */
function tcpOf(client: WebSocket): Socket {
  return (client as unknown as { _socket: Socket })._socket
}

/** A masked frame with this first byte, up to 65,535 bytes. */
function maskedFrame(first: number, text: string): Buffer {
  const mask = [9, 200, 33, 4]
  const { length } = text
  const head = length > 125 ? [first, 0xfe, length >> 8, length & 255] : [first, 0x80 | length]
  return Buffer.from([...head, ...mask, ...Buffer.from(text, 'latin1').map((byte, n) => byte ^ (mask[n % 4] ?? 0))])
}
