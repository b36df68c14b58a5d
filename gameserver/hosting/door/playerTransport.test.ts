import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { PlayerSocket } from '../../zone/connection/playerSocket.ts'
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
  server.guard = { admits: () => read.length < 1, malformed: () => undefined, oversize: () => undefined }
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
  server.guard = { admits: () => true, malformed: (error) => problems.push(error), oversize: () => undefined }
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
