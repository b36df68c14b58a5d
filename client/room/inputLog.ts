/** One input of the game; `seq` counts over the whole session, moves included. */
export interface NumberedInput {
  seq: number
  data: unknown
}

/** So many unacknowledged inputs are kept; a server silent for longer than that has lost the session anyway. */
const CAPACITY = 4_096

/** Inputs that no server has confirmed yet, in order. A server applies each once, so sending one again is harmless. */
export class InputLog {
  #seq = 0
  #pending: NumberedInput[] = []
  /** Inputs that were given up unconfirmed: after a broken connection, or when a server was silent for very long. */
  dropped = 0

  add(data: unknown): NumberedInput {
    const input = { seq: ++this.#seq, data }
    this.#pending.push(input)
    if (this.#pending.length > CAPACITY) {
      this.#pending.shift()
      this.dropped++
    }
    return input
  }

  /** A server applied everything up to `seq`. */
  confirm(seq: number): void {
    const first = this.#pending.findIndex((input) => input.seq > seq)
    this.#pending = first === -1 ? [] : this.#pending.slice(first)
    // A new session on a character that had played before: its numbers go on.
    this.#seq = Math.max(this.#seq, seq)
  }

  /** What the next server has not seen, oldest first. */
  replay(applied: number): readonly NumberedInput[] {
    this.confirm(applied)
    return this.#pending
  }

  /** After a broken connection these may, or may not, have been applied: they are not sent again. */
  forget(): void {
    this.dropped += this.#pending.length
    this.#pending = []
  }

  get pending(): number {
    return this.#pending.length
  }
}
