/** Shortest number of steps between two snapshots out of turn for one client. */
const EVERY = 4

/**
 * Says when a client gets a snapshot before its turn: a player who turns or stops sees the effect with the step that applied the input. A stick that moves all the
 * time gets a quarter of the steps in addition at most.
 */
export class InputAnswer {
  #changed = false
  #from = 0

  /** An input with other content than the one before was accepted. The next step applies it. */
  note(): void {
    this.#changed = true
  }

  /** Whether a snapshot is sent at this step although it is not the client's turn. Call it only then. */
  due(tick: number): boolean {
    if (!this.#changed || tick < this.#from) return false
    this.#from = tick + EVERY
    return true
  }

  /** A snapshot was sent. */
  sent(): void {
    this.#changed = false
  }
}
