/** One input of the game. `seq` counts over the whole session, across moves. */
export interface NumberedInput {
  seq: number
  data: unknown
}

/** Most inputs that are kept unconfirmed. A server that confirms none for longer has lost the session. */
const CAPACITY = 4_096

/** Inputs that no server has confirmed yet, in order. Sending one again is harmless: servers apply each `seq` once. */
export class InputLog {
  #seq = 0
  #pending: NumberedInput[] = []
  /** Inputs that were discarded unconfirmed: after a broken connection, or beyond `CAPACITY`. */
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

  /** Removes the inputs up to `seq`, which a server has applied. */
  confirm(seq: number): void {
    const first = this.#pending.findIndex((input) => input.seq > seq)
    this.#pending = first === -1 ? [] : this.#pending.slice(first)
    // In a new session of a character that played before, the numbers continue.
    this.#seq = Math.max(this.#seq, seq)
  }

  /** The inputs after `applied`, oldest first: those that the next server has not applied. */
  replay(applied: number): readonly NumberedInput[] {
    this.confirm(applied)
    return this.#pending
  }

  /** Discards all inputs after a broken connection: the server may have applied them or not, so they must not be sent again. */
  forget(): void {
    this.dropped += this.#pending.length
    this.#pending = []
  }

  get pending(): number {
    return this.#pending.length
  }
}
