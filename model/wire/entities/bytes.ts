const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Longest text, in bytes: one byte says how many. */
export const TEXT_BYTES_MAX = 255

/** Largest number of 32 bits with a sign. */
const SHIFTED_MAX = 2 ** 31 - 1

/** Bytes of a text on the wire: at most 255, and no half character at the end. */
export function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(TEXT_BYTES_MAX)
  return bytes.subarray(0, encoder.encodeInto(text, bytes).written)
}

/** Writes little-endian numbers into a buffer that grows. Reuse it: `reset` keeps the buffer. */
export class ByteWriter {
  #bytes = new Uint8Array(4_096)
  /** The buffer, for loops that write several bytes at once: `reserve` first, and set `length` afterwards. Replaced by `reserve`. */
  words = new DataView(this.#bytes.buffer)
  length = 0

  /** Begins again. `at`: the number of bytes at the start that the caller writes itself, such as the head of a frame. */
  reset(at = 0): void {
    this.length = at
  }

  /** Gives the buffer away: what was written stays in it, and the next writes go to another one. */
  release(): void {
    this.#bytes = new Uint8Array(this.#bytes.length)
    this.words = new DataView(this.#bytes.buffer)
  }

  /** Makes room, so that the methods below need no check. `count`: an upper bound of the bytes of the next calls. */
  reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return
    const larger = new Uint8Array(2 * (this.length + count))
    larger.set(this.#bytes)
    this.#bytes = larger
    this.words = new DataView(larger.buffer)
  }

  u8(value: number): void {
    this.#bytes[this.length++] = value
  }
  /** The lowest `bytes` bytes of an integer, signed or not. */
  int(value: number, bytes: number): void {
    for (let rest = value, n = 0; n < bytes; n++, rest >>= 8) this.#bytes[this.length++] = rest
  }
  /** LEB128: seven bits a byte, lowest first; the highest bit says that more follow. At most five bytes. */
  varint(value: number): void {
    const bytes = this.#bytes
    let at = this.length
    let rest = value
    // The division is for numbers above 31 bits; these are few.
    if (rest <= SHIFTED_MAX) for (; rest > 127; rest >>= 7) bytes[at++] = (rest & 127) | 128
    else for (; rest > 127; rest = Math.floor(rest / 128)) bytes[at++] = (rest & 127) | 128
    bytes[at++] = rest
    this.length = at
  }
  raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** What was written. Valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }
  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.length)
  }
}

/** Reads what ByteWriter has written. All methods throw RangeError when the bytes end too early. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length
  }
  u8(): number {
    const value = this.#bytes[this.#at]
    if (value === undefined) throw new RangeError('the snapshot ends too early')
    this.#at++
    return value
  }
  unsigned(bytes: number): number {
    let value = 0
    for (let n = 0; n < bytes; n++) value += this.u8() * 2 ** (8 * n)
    return value
  }
  signed(bytes: number): number {
    const value = this.unsigned(bytes)
    const limit = 2 ** (8 * bytes - 1)
    return value >= limit ? value - 2 * limit : value
  }
  /** Throws RangeError for a number above 2^32−1. */
  varint(): number {
    let value = 0
    for (let n = 0; n < 5; n++) {
      const byte = this.u8()
      value += (byte & 127) * 2 ** (7 * n)
      if (byte < 128) {
        if (value > 0xffff_ffff) break
        return value
      }
    }
    throw new RangeError('the snapshot has a number above 2^32−1')
  }
  raw(length: number): Uint8Array {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    if (bytes.length < length) throw new RangeError('the snapshot ends too early')
    this.#at += length
    return bytes
  }
  text(): string {
    return decoder.decode(this.raw(this.u8()))
  }
}
