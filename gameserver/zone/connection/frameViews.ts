import type { ByteWriter } from '../../../model/wire/entities/bytes.ts'

/** Parts up to this number of bytes are kept. Most snapshots are shorter. */
const KEPT_MAX = 1_024

/**
 * Parts of a writer's buffer as Buffers. A room writes thousands of snapshots a second to the same place, and to make a Buffer costs as much as to write a short snapshot, so
 * one is kept for each length.
 */
export class FrameViews {
  #words = new DataView(new ArrayBuffer(0))
  /** The whole buffer. */
  #bytes = Buffer.alloc(0)
  /** By length: a part, and where it starts. */
  #kept: (Buffer | undefined)[] = []
  readonly #starts = new Int32Array(KEPT_MAX + 1)

  /** What was written from `start` on. It shows what is written there later, too. */
  view(content: ByteWriter, start: number): Buffer {
    this.#follow(content)
    const length = content.length - start
    if (length > KEPT_MAX) return this.#bytes.subarray(start, content.length)
    const kept = this.#kept[length]
    if (kept !== undefined && this.#starts[length] === start) return kept
    const made = this.#bytes.subarray(start, content.length)
    this.#kept[length] = made
    this.#starts[length] = start
    return made
  }

  /** All of the writer's buffer, also what was not written yet. */
  whole(content: ByteWriter): Buffer {
    this.#follow(content)
    return this.#bytes
  }

  #follow({ words }: ByteWriter): void {
    if (words === this.#words) return
    this.#words = words
    this.#bytes = Buffer.from(words.buffer as ArrayBuffer) // ByteWriter makes it
    this.#kept = Array.from({ length: KEPT_MAX + 1 }, () => undefined)
  }
}
