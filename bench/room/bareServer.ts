import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { getMessageBytes, Protocol } from '@colyseus/core'
import { WebSocket, WebSocketServer } from 'ws'
import { FRONT, PlayerSocket } from '../../gameserver/zone/connection/playerSocket.ts'
import { ByteWriter } from '../../model/wire/entities/bytes.ts'
import { StepTimes } from './stepTimes.ts'
import { STEPS_PER_SECOND } from './walkers.ts'

/**
 * A room without a room: it reads the inputs of the same clients and forgets them, and writes as many frames of the same length as a room does. What it costs is what Node, the
 * system and the reader of frames cost a room that does nothing. `strata`: with the sockets of Strata's servers; `ws`: with those of the package ws, as rooms of
 * Colyseus have them. The bench forks it; its arguments are the kind, the bytes of a frame, and the port.
 */

const [kind = 'strata', bytes = '0', port = '0'] = process.argv.slice(2)
/** Steps between two frames for one client, as in the rooms. Clients take turns. */
const WRITE_EVERY = 2
const LONGEST = 4 * 1024
/** Second byte of the question `steps`: the length of its type in MessagePack. Inputs have a longer type. */
const STEPS_TYPE = 0xa0 | 'steps'.length

const out = new ByteWriter()
const head = Uint8Array.of(Protocol.ROOM_STATE_PATCH)
const content = new Uint8Array(Math.max(0, Number(bytes) - head.byteLength)).fill(1)
const frame = Buffer.concat([head, content])
const times = new StepTimes()
const sockets: WebSocket[] = []
let steps = 0

const http = createServer((request, response) => {
  request.resume()
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ sessionId: randomUUID(), processId: 'bare' }))
})
const wss = new WebSocketServer({ noServer: true, WebSocket: kind === 'strata' ? PlayerSocket : WebSocket, perMessageDeflate: false })
http.on('upgrade', (request: IncomingMessage, stream: Duplex, first: Buffer) => wss.handleUpgrade(request, stream, first, (socket) => open(socket, stream)))

function open(socket: WebSocket, stream: Duplex): void {
  sockets.push(socket)
  socket.on('close', () => sockets.splice(sockets.indexOf(socket), 1))
  const read = (message: Uint8Array): true => {
    if (message[1] === STEPS_TYPE) socket.send(getMessageBytes.raw(Protocol.ROOM_DATA, 'steps', times.report()), { binary: true })
    return true
  }
  if (!(socket instanceof PlayerSocket)) return void socket.on('message', (message: Buffer) => read(message))
  socket.opened(stream, LONGEST)
  socket.guard = { takes: read, admits: () => true, malformed: () => undefined, oversize: () => undefined }
}

function write(socket: WebSocket): void {
  if (!(socket instanceof PlayerSocket)) return socket.send(frame, { binary: true })
  out.reset(FRONT)
  out.raw(content)
  socket.sendWritten(head, out)
}

setInterval(
  () =>
    times.measure(() => {
      const turn = ++steps % WRITE_EVERY
      for (const [n, socket] of sockets.entries()) if (n % WRITE_EVERY === turn) write(socket)
    }),
  1_000 / STEPS_PER_SECOND,
)
process.on('disconnect', () => process.exit(0))
http.listen(Number(port), '127.0.0.1', () => process.send?.({ bench: 'ready', room: 'bare' }))
