import type { DirectoryEvent } from '../../directory/directory.ts'
import type { CharacterId, MapName } from '../../model/ids.ts'

/**
 * After a gap in the event stream all waiting requests are woken in this many groups, `SLICE_MS` apart: one second in total, so that they do not hit
 * Redis at once.
 */
const SLICES = 20
const SLICE_MS = 50

/** Subscribes to the directory's events; returns the function that unsubscribes. */
export type EventSource = (listener: (event: DirectoryEvent) => void) => () => void

/**
 * Wakes long polls when a seat of their character changes, and reports maps where a seat may have become free. An event is only a hint: receivers
 * read the state again, and also check at intervals, because events can be lost.
 */
export class LineAlarm implements Disposable {
  readonly #waiting = new Map<CharacterId, Set<() => void>>()
  readonly #mapListeners = new Set<(map: MapName) => void>()
  readonly #turnListeners = new Set<(map: MapName) => void>()
  readonly #gapListeners = new Set<() => void>()
  readonly #unsubscribe: () => void
  #stopped = false

  constructor(source: EventSource) {
    this.#unsubscribe = source((event) => this.#receive(event))
  }

  /** Resolves when a seat of this character changes, when events were missed, after `ms`, or when `signal` aborts. */
  async sleep(character: CharacterId, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#stopped || signal.aborted) return
    const { promise, resolve: wake } = Promise.withResolvers<void>()
    const wakers = this.#waiting.get(character) ?? new Set()
    this.#waiting.set(character, wakers.add(wake))
    const timer = setTimeout(wake, ms).unref()
    // `AbortSignal.any` per waiting request costs more than the poll itself, and tens of thousands may wait here.
    const onAbort = (): void => wake()
    signal.addEventListener('abort', onAbort)
    await promise
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    wakers.delete(wake)
    if (wakers.size === 0) this.#waiting.delete(character)
  }

  onMapChange(listener: (map: MapName) => void): void {
    this.#mapListeners.add(listener)
  }

  /** Called when a place in a map's line was promoted, by any matchmaker. */
  onTurn(listener: (map: MapName) => void): void {
    this.#turnListeners.add(listener)
  }

  /** Called when events were lost. */
  onGap(listener: () => void): void {
    this.#gapListeners.add(listener)
  }

  #receive(event: DirectoryEvent): void {
    if (event.type === 'gap') {
      for (const listener of this.#gapListeners) listener()
      this.#wakeAll()
    } else if ('map' in event) {
      if (event.type === 'line' && event.turn === true) for (const listener of this.#turnListeners) listener(event.map)
      if (event.type === 'seats') for (const seat of event.set) this.#wake(seat.character)
      for (const listener of this.#mapListeners) listener(event.map)
    }
  }

  #wake(character: CharacterId): void {
    for (const wake of this.#waiting.get(character) ?? []) wake()
  }

  /** The directory may have lost the line (rule D1): every waiting request checks its place again. */
  #wakeAll(): void {
    const characters = [...this.#waiting.keys()]
    const sliceSize = Math.ceil(characters.length / SLICES)
    for (let n = 0; n * sliceSize < characters.length; n++) {
      const slice = characters.slice(n * sliceSize, (n + 1) * sliceSize)
      const wakeSlice = (): void => {
        for (const character of slice) this.#wake(character)
      }
      setTimeout(wakeSlice, n * SLICE_MS).unref()
    }
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    this.#unsubscribe()
    for (const character of [...this.#waiting.keys()]) this.#wake(character)
  }
}
