export interface InputPacerParts {
  /** Duration of one simulation step of the server, in ms. */
  stepMs: () => number
  send: (data: unknown) => void
  /** Monotonic time in ms. */
  nowMs: () => number
}

/**
 * Thins inputs to one per simulation step: the server applies no more, and a game that sends one per frame of a 144 Hz screen would send seven times as
 * many. The first input of a step goes out at once, and of the later ones the latest, when the step is over. Inputs that the game marks with `must` all
 * go out, in order.
 */
export class InputPacer {
  readonly #parts: InputPacerParts
  #latest: { data: unknown } | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #sentAt = Number.NEGATIVE_INFINITY

  constructor(parts: InputPacerParts) {
    this.#parts = parts
  }

  add(data: unknown, must: boolean): void {
    if (must) {
      this.flush()
      this.#parts.send(data)
      return
    }
    const wait = this.#sentAt + this.#parts.stepMs() - this.#parts.nowMs()
    if (wait <= 0) {
      // An older input may still wait, when its timer is late.
      this.clear()
      this.#send(data)
      return
    }
    this.#latest = { data }
    this.#timer ??= setTimeout(() => this.flush(), wait)
  }

  /** Sends the input that waits, if any. */
  flush(): void {
    const latest = this.#latest
    this.clear()
    if (latest !== undefined) this.#send(latest.data)
  }
  /** Discards the input that waits. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#latest = undefined
  }

  #send(data: unknown): void {
    this.#sentAt = this.#parts.nowMs()
    this.#parts.send(data)
  }
}
