import type { DirectoryEvent } from '../../directory/directory.ts'
import type { CharacterId, MapName } from '../../model/ids.ts'

/** After a gap everybody is woken within a second, so many at a time. */
const SLICES = 20
const SLICE_MS = 50

/** Calls for each event of the directory; returns what ends it. */
export type EventSource = (listener: (event: DirectoryEvent) => void) => () => void

/**
 * Tells, as soon as the replica knows, who got a seat (whoever holds their long poll answers it) and on which map something
 * changed that may let somebody in. Only a hint: everybody looks for themselves afterwards, and from time to time without it.
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
    // By hand, because tens of thousands may sleep here: a signal composed for each costs more than the poll itself.
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

  /** Somebody in a map's line got their seats, from whichever matchmaker. */
  onTurn(listener: (map: MapName) => void): void {
    this.#turnListeners.add(listener)
  }

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

  /** The directory may have lost the line (rule D1): everybody shows their place again, spread out, since they may be thousands. */
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
