import { setTimeout as delay } from 'node:timers/promises'
import type { DirectoryEvent } from '../../directory/directory.ts'
import type { CharacterId, MapName } from '../../model/ids.ts'

/** Calls for each event of the directory; returns what ends it. */
export type EventSource = (listener: (event: DirectoryEvent) => void) => () => void

/**
 * Tells, as soon as the replica knows, who got a seat (whoever holds their long poll answers it) and on which map something
 * changed that may let somebody in. Only a hint: everybody looks for themselves afterwards, and from time to time without it.
 */
export class Doorbell implements Disposable {
  readonly #stop = new AbortController()
  readonly #sleepers = new Map<CharacterId, Set<() => void>>()
  readonly #onMap = new Set<(map: MapName) => void>()
  readonly #onGap = new Set<() => void>()
  readonly #off: () => void

  constructor(source: EventSource) {
    this.#off = source((event) => this.#hear(event))
  }

  /** Resolves when a seat of this character changes, after `ms`, or when `signal` aborts. */
  async sleep(character: CharacterId, ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    const wake = (): void => woken.abort()
    const sleepers = this.#sleepers.get(character) ?? new Set()
    this.#sleepers.set(character, sleepers.add(wake))
    try {
      await delay(ms, undefined, { signal: AbortSignal.any([signal, woken.signal, this.#stop.signal]), ref: false })
    } catch {
      // Woken early: that is what it is for.
    } finally {
      sleepers.delete(wake)
      if (sleepers.size === 0) this.#sleepers.delete(character)
    }
  }

  onMap(listener: (map: MapName) => void): void {
    this.#onMap.add(listener)
  }

  onGap(listener: () => void): void {
    this.#onGap.add(listener)
  }

  #hear(event: DirectoryEvent): void {
    if (event.type === 'gap') for (const listener of this.#onGap) listener()
    else if ('map' in event) {
      if (event.type === 'seats') for (const seat of event.set) this.#wake(seat.character)
      for (const listener of this.#onMap) listener(event.map)
    }
  }

  #wake(character: CharacterId): void {
    for (const wake of this.#sleepers.get(character) ?? []) wake()
  }

  [Symbol.dispose](): void {
    this.#off()
    this.#stop.abort()
  }
}
