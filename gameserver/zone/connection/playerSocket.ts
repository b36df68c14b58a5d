import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { ByteWriter } from '../../../model/wire/entities/bytes.ts'
import { FrameViews } from './frameViews.ts'
import { UsualFrames } from './usualFrames.ts'

type BufferLike = Parameters<WebSocket['send']>[0]
type Sent = (error?: Error) => void
interface SendOptions {
  mask?: boolean | undefined
  binary?: boolean | undefined
  compress?: boolean | undefined
  fin?: boolean | undefined
}

/** First byte of a final binary frame (RFC 6455, section 5.2). */
const BINARY_FRAME = 0x82
/** A length up to this is in the second byte. */
const SHORT_MAX = 125
/** Second byte of a frame whose length is in the two bytes that follow. */
const TWO_BYTE_LENGTH = 126
const TWO_BYTE_LENGTH_MAX = 0xffff

/** Bytes before the content of a frame that `sendWritten` writes: the head of the frame, and of the message. */
export const FRONT = 16

/** Random bytes of a ping: a client cannot guess them. */
const PING_BYTES = 4
/** An answer counts for the newest pings, this many: older ones are past the limit of the transport. */
const PINGS_KEPT = 2

/** Parts of the buffer of the last content. */
const views = new FrameViews()

/** Decides on the frames of one client before Colyseus reads them. */
export interface FrameGuard {
  /**
   * Reads a frame in place of Colyseus: the first `length` bytes, which are valid until it returns. Returns `false` to leave it to Colyseus. Throws what the decoder
   * throws.
   */
  takes(frame: Buffer, length: number): boolean
  /** Whether a frame is read that was left to Colyseus. */
  admits(): boolean
  /** Colyseus' decoder threw an exception: the frame is malformed. Without a guard it would be an uncaught exception. */
  malformed(error: unknown): void
  /** A message was above the size limit, and the package ws closes the connection. */
  oversize(): void
}

/** A player's WebSocket. The transport makes one for each upgrade: the package ws has an option for the class (`WebSocketServer`, option `WebSocket`). */
export class PlayerSocket extends WebSocket {
  guard: FrameGuard | undefined
  /** The TCP or TLS stream below, to write several frames at once: ws has no call for that. */
  stream: Pick<Duplex, 'cork' | 'uncork' | 'write' | 'writableLength'> | undefined
  /** A frame was not taken by the system at once. */
  #queues = false
  /** Contents of the newest pings, and number of pings since the last answer. */
  #pings: Buffer[] = []
  #unanswered = 0

  /** The socket is open on this stream. `longest`: bytes of the longest message that a client may send. */
  opened(stream: Duplex, longest: number): void {
    this.stream = stream
    UsualFrames.read(stream, { take: (bytes, length) => this.#receive(bytes, length, true), longest })
  }

  /**
   * Writes a binary message as one buffer with its head. The package ws writes head and message apart, which costs more than to copy a short message. There is no
   * compression and no mask from a server, so nothing else is to do. Since it copies, the caller may change the bytes afterwards.
   */
  override send(data: BufferLike, options?: SendOptions | Sent, sent?: Sent): void {
    const { stream } = this
    const plain = typeof options === 'object' && options.binary === true && data instanceof Uint8Array && data.byteLength <= TWO_BYTE_LENGTH_MAX
    if (plain && stream !== undefined && this.readyState === WebSocket.OPEN)
      stream.write(framed(data), sent === undefined ? undefined : (error) => sent(error ?? undefined))
    else if (typeof options === 'object') super.send(data, options, sent)
    else super.send(data, options)
  }

  /**
   * Writes what was written to `content` behind its first FRONT bytes as one binary frame with `head`, while the socket is open. No callback,
   * and no copy as long as the system takes the bytes at once: then nobody needs them after this call, and the next frame may have their place. Such a socket has
   * nothing in its queue (`writableLength`) afterwards. For any other one the frames are copied from then on, because a short frame that waits would keep all of the buffer.
   */
  sendWritten(head: Uint8Array, content: ByteWriter): void {
    const { stream } = this
    const from = FRONT - head.byteLength
    const length = content.length - from
    const written = views.whole(content)
    for (let n = 0; n < head.byteLength; n++) written[from + n] = head[n] ?? 0
    if (stream === undefined || length > TWO_BYTE_LENGTH_MAX) return this.send(Buffer.from(written.subarray(from, content.length)), { binary: true })
    if (this.readyState !== WebSocket.OPEN) return
    const start = from - headBytes(length)
    writeFrameHead(written, start, length)
    const frame = views.view(content, start)
    if (this.#queues) return void stream.write(Buffer.from(frame))
    stream.write(frame)
    if (stream.writableLength === 0) return
    this.#queues = true
    content.release()
  }

  /**
   * Sends a ping with random content. A pong must have the same content (RFC 6455, section 5.5.3), and the ping is behind all that was sent before it, so only a client that
   * reads can answer. The transport calls this for each client at a fixed interval.
   */
  override ping(): void {
    if (this.readyState !== WebSocket.OPEN) return
    const content = randomBytes(PING_BYTES)
    this.#pings = [...this.#pings.slice(1 - PINGS_KEPT), content]
    this.#unanswered++
    super.ping(content)
  }

  /** Number of pings since the last one that the client has answered. */
  get unansweredPings(): number {
    return this.#unanswered
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event === 'pong') return this.#pong(values[0] as Buffer) // what ws passes
    const { guard } = this
    if (event === 'error' && isOversize(values[0])) guard?.oversize()
    if (event !== 'message') return super.emit(event, ...values)
    const message = values[0] as Buffer // what ws passes with its default `binaryType`
    this.#receive(message, message.byteLength, values[1] === true)
    return true
  }

  /** A pong that answers no ping says nothing about what the client has read: it is ignored. */
  #pong(content: Buffer): boolean {
    if (!this.#pings.some((ping) => ping.equals(content))) return false
    this.#unanswered = 0
    return super.emit('pong', content)
  }

  #receive(bytes: Buffer, length: number, binary: boolean): void {
    const { guard } = this
    const pass = (): boolean => super.emit('message', Buffer.from(bytes.subarray(0, length)), binary)
    if (guard === undefined) return void pass()
    try {
      if ((!binary || !guard.takes(bytes, length)) && guard.admits()) pass()
    } catch (error) {
      guard.malformed(error)
    }
  }
}

function framed(message: Uint8Array): Buffer {
  const frame = emptyFrame(message.byteLength)
  frame.set(message, frame.byteLength - message.byteLength)
  return frame
}

/** A frame for a message of this length, which is its end. */
function emptyFrame(length: number): Buffer {
  const frame = Buffer.allocUnsafe(headBytes(length) + length)
  writeFrameHead(frame, 0, length)
  return frame
}

function headBytes(length: number): number {
  return length <= SHORT_MAX ? 2 : 4
}

function writeFrameHead(frame: Buffer, at: number, length: number): void {
  const short = length <= SHORT_MAX
  frame[at] = BINARY_FRAME
  frame[at + 1] = short ? length : TWO_BYTE_LENGTH
  if (!short) frame.writeUInt16BE(length, at + 2)
}

function isOversize(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
}
