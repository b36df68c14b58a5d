/** One line of a stream, without its line break; undefined: it was longer than allowed. */
export type RawLine = Buffer | undefined

const NEWLINE = 0x0a

/** Cuts a stream of bytes into lines. At most one line of `maxBytes` is kept in memory; the bytes of a longer one are dropped as they arrive. */
export class LineReader {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that end in this chunk. */
  push(chunk: Buffer): RawLine[] {
    const lines: RawLine[] = []
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at))
      lines.push(this.#take())
      from = at + 1
    }
    this.#keep(chunk.subarray(from))
    return lines
  }

  /** The last line, when the stream does not end with a line break. */
  end(): RawLine[] {
    return this.#length === 0 ? [] : [this.#take()]
  }

  #keep(part: Buffer): void {
    this.#length += part.length
    if (this.#length > this.#maxBytes) this.#parts = []
    else if (part.length > 0) this.#parts.push(part)
  }

  #take(): RawLine {
    const line = this.#length > this.#maxBytes ? undefined : Buffer.concat(this.#parts)
    this.#parts = []
    this.#length = 0
    return line
  }
}
