import type { Duplex } from 'node:stream'

/** First bytes of frames (RFC 6455, section 5.2): final and binary, ping, pong. */
const BINARY = 0x82
const PING = 0x89
const PONG = 0x8a
/** Bit of the second byte: the frame is masked, as all frames of clients are. */
const MASKED = 0x80
/** Second byte without its highest bit when the length is in the two bytes that follow. */
const TWO_BYTE_LENGTH = 126
/** Bytes before the content of a frame, with the mask. */
const SHORT_HEAD = 6
const LONG_HEAD = 8
const MASK_BYTES = 4

type Listener = (chunk: Buffer) => void
/** Gets a message: the first `length` bytes of `bytes`, which the next message replaces. */
export type TakeMessage = (bytes: Buffer, length: number) => void
type Stream = Pick<Duplex, 'on' | 'off' | 'listeners' | 'prependOnceListener'>

/** The content of the frame that is read. One buffer for all clients: the pieces of a chunk as buffers of their own cost more than to read them. */
let content = Buffer.alloc(1_024)

/**
 * Reads the frames that clients usually send: whole messages that are binary and short. The package ws reads each frame with two streams and several
 * slices; this costs a fifth. At any other frame, such as a text, a part of a message, a close or an error, the package ws takes over for good: nothing but whole
 * frames was kept from it.
 */
export class UsualFrames {
  readonly #stream: Stream
  readonly #ws: Listener
  readonly #own: Listener
  readonly #take: TakeMessage
  readonly #longest: number
  /** The first part of a frame that has not arrived completely. */
  #rest: Buffer | undefined
  #ended = false

  private constructor(stream: Stream, ws: Listener, { take, longest }: { take: TakeMessage; longest: number }) {
    this.#stream = stream
    this.#ws = ws
    this.#take = take
    this.#longest = longest
    this.#own = (chunk) => this.#read(chunk)
    stream.on('data', this.#own)
    stream.off('data', ws)
    // The package ws reads what is left itself when the stream closes.
    stream.prependOnceListener('close', () => this.#end(new Uint8Array()))
  }

  /** Reads `stream`, of which the package ws must be the only reader. `take` gets each message of up to `longest` bytes. */
  static read(stream: Stream, options: { take: TakeMessage; longest: number }): void {
    const [ws, ...others] = stream.listeners('data') as Listener[] // what a stream in bytes calls
    if (ws !== undefined && others.length === 0) new UsualFrames(stream, ws, options)
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = undefined
    let at = 0
    while (bytes.length - at >= 2) {
      const first = bytes[at] ?? 0
      const second = bytes[at + 1] ?? 0
      const control = first === PING || first === PONG
      const short = second & ~MASKED
      if ((first !== BINARY && !control) || second < MASKED || short > (control ? TWO_BYTE_LENGTH - 1 : TWO_BYTE_LENGTH)) return this.#end(bytes.subarray(at))
      const head = short === TWO_BYTE_LENGTH ? LONG_HEAD : SHORT_HEAD
      if (bytes.length - at < head) break
      const length = head === LONG_HEAD ? bytes.readUInt16BE(at + 2) : short
      if (length > this.#longest) return this.#end(bytes.subarray(at))
      const start = at + head
      const end = start + length
      if (end > bytes.length) break
      if (control) this.#ws.call(this.#stream, bytes.subarray(at, end))
      else {
        unmask(bytes, start, length)
        this.#take(content, length)
      }
      at = end
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at))
  }

  /** The package ws reads from now on, beginning with these bytes. */
  #end(next: Uint8Array): void {
    if (this.#ended) return
    this.#ended = true
    const bytes = this.#rest === undefined ? next : Buffer.concat([this.#rest, next])
    this.#rest = undefined
    this.#stream.on('data', this.#ws)
    this.#stream.off('data', this.#own)
    if (bytes.length > 0) this.#ws.call(this.#stream, Buffer.from(bytes))
  }
}

/** Writes the content of a frame, which is `length` bytes from `start` on, to `content`. The mask is in the four bytes before it. */
function unmask(bytes: Buffer, start: number, length: number): void {
  if (length > content.length) content = Buffer.alloc(2 * length)
  const into = content
  const mask = start - MASK_BYTES
  for (let n = 0; n < length; n++) into[n] = (bytes[start + n] ?? 0) ^ (bytes[mask + (n & (MASK_BYTES - 1))] ?? 0)
}
