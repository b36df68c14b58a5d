import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { defined } from '../../../model/defined.ts'

/** Opcode of a binary WebSocket frame that is final. */
const BINARY = 0x82
/** Colyseus' Protocol.JOIN_ROOM, with which a client confirms its join. */
const JOIN_ROOM = 10

/**
 * A client that speaks WebSocket over a bare TCP socket and does only what a test demands. It does not confirm its join, answers no ping and no close,
 * and may stop reading.
 */
export class RawClient {
  readonly socket: Socket
  /** Bytes of WebSocket frames that the server has sent. */
  received = 0
  #head: string | undefined = ''
  /** Time at which the socket closed, from `performance.now()`. */
  closedAt: number | undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      if (this.#head === undefined) this.received += chunk.length
      else this.#readHead(chunk.toString('latin1'))
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.closedAt = performance.now()
    })
  }

  static open(address: string, localAddress?: string): RawClient {
    const { hostname, port } = new URL(address)
    return new RawClient(connect({ port: Number(port), host: hostname, ...defined({ localAddress }) }))
  }

  /** Reserves a seat over HTTP, and opens the WebSocket. */
  static async join(address: string, copy: string, ticket: string): Promise<RawClient> {
    const answer = await reserve(address, copy, ticket)
    const { sessionId, processId } = (await answer.json()) as { sessionId: string; processId: string }
    const client = RawClient.open(address)
    client.upgrade(`/${processId}/${copy}?sessionId=${sessionId}`)
    return client
  }

  /** Confirms the join, when the server has accepted it. Earlier frames are lost. */
  async confirm(): Promise<void> {
    while (this.received === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    this.frame(new Uint8Array([JOIN_ROOM]))
  }

  #readHead(text: string): void {
    this.#head += text
    const end = this.#head?.indexOf('\r\n\r\n') ?? -1
    if (end === -1) return
    this.received = (this.#head?.length ?? 0) - end - 4
    this.#head = undefined
  }

  upgrade(path: string): void {
    const key = randomBytes(16).toString('base64')
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    )
  }

  /** Sends one frame. The mask is zero, so that its bytes need no change. Returns `false` when the system buffers no more. */
  frame(bytes: Uint8Array): boolean {
    return this.socket.write(maskedFrame(bytes))
  }
}

export function maskedFrame(bytes: Uint8Array): Buffer {
  if (bytes.length > 125) throw new Error('this test client sends short frames only')
  return Buffer.from([BINARY, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes])
}

export function reserve(address: string, copy: string, ticket: string): Promise<Response> {
  const url = `${address.replace('ws:', 'http:')}/matchmake/joinById/${copy}`
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ticket }) })
}
