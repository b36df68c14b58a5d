import type { MovedEvent } from '../worldEvents.ts'

type Arrival = Omit<MovedEvent, 'gapMs' | 'heldMs' | 'change'>

/** Measures what a move cost the player, for the event `moved`. All times in ms, from `performance.now()`. */
export class MoveGap {
  /** When a server last showed that it simulates the world: by a snapshot or an acknowledged input. A scene without changes sends no snapshots. */
  #activeAt = 0
  /** When A reported that the body is frozen. */
  #heldAt: number | undefined
  /** Set from the moment when B is live until its first full snapshot, which ends the gap. */
  #arriving: { arrival: Arrival; activeAt: number; heldAt: number } | undefined

  /** Whether A holds the body: its snapshots remove nothing meanwhile. */
  get holding(): boolean {
    return this.#heldAt !== undefined
  }

  active(now: number): void {
    this.#activeAt = now
  }

  held(now: number): void {
    this.#heldAt = now
  }

  /** The move failed: A moves the body again. */
  released(): void {
    this.#heldAt = undefined
  }

  /** B is live. */
  arrived(arrival: Arrival): void {
    this.#arriving = { arrival, activeAt: this.#activeAt, heldAt: this.#heldAt ?? this.#activeAt }
    this.#heldAt = undefined
  }

  /** The connection broke: the arrival is not measured. */
  cancel(): void {
    this.#arriving = undefined
    this.#heldAt = undefined
  }

  /** A full snapshot has arrived. Returns the finished move, if there is one. */
  end(now: number, change: MovedEvent['change']): MovedEvent | undefined {
    if (this.#arriving === undefined) return undefined
    const { arrival, activeAt, heldAt } = this.#arriving
    this.#arriving = undefined
    return { ...arrival, gapMs: now - activeAt, heldMs: now - heldAt, change }
  }
}
