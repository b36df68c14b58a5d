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
export class Doorbell implements Disposable {
  readonly #sleepers = new Map<CharacterId, Set<() => void>>()
  readonly #onMap = new Set<(map: MapName) => void>()
  readonly #onTurn = new Set<(map: MapName) => void>()
  readonly #onGap = new Set<() => void>()
  readonly #off: () => void
  #stopped = false

  constructor(source: EventSource) {
    this.#off = source((event) => this.#hear(event))
  }

  /** Resolves when a seat of this character changes, when events were missed, after `ms`, or when `signal` aborts. */
  async sleep(character: CharacterId, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#stopped || signal.aborted) return
    const { promise, resolve: wake } = Promise.withResolvers<void>()
    const sleepers = this.#sleepers.get(character) ?? new Set()
    this.#sleepers.set(character, sleepers.add(wake))
    const timer = setTimeout(wake, ms).unref()
    // By hand, because tens of thousands may sleep here: a signal composed for each costs more than the poll itself.
    const onAbort = (): void => wake()
    signal.addEventListener('abort', onAbort)
    await promise
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    sleepers.delete(wake)
    if (sleepers.size === 0) this.#sleepers.delete(character)
  }

  onMap(listener: (map: MapName) => void): void {
    this.#onMap.add(listener)
  }

  /** Somebody in a map's line got their seats, from whichever matchmaker. */
  onTurn(listener: (map: MapName) => void): void {
    this.#onTurn.add(listener)
  }

  onGap(listener: () => void): void {
    this.#onGap.add(listener)
  }

  #hear(event: DirectoryEvent): void {
    if (event.type === 'gap') {
      for (const listener of this.#onGap) listener()
      this.#wakeEverybody()
    } else if ('map' in event) {
      if (event.type === 'line' && event.turn === true) for (const listener of this.#onTurn) listener(event.map)
      if (event.type === 'seats') for (const seat of event.set) this.#wake(seat.character)
      for (const listener of this.#onMap) listener(event.map)
    }
  }

  #wake(character: CharacterId): void {
    for (const wake of this.#sleepers.get(character) ?? []) wake()
  }

  /** The directory may have lost the line (rule D1): everybody shows their place again, spread out, since they may be thousands. */
  #wakeEverybody(): void {
    const characters = [...this.#sleepers.keys()]
    const slice = Math.ceil(characters.length / SLICES)
    for (let n = 0; n * slice < characters.length; n++) {
      const some = characters.slice(n * slice, (n + 1) * slice)
      const wakeSome = (): void => {
        for (const character of some) this.#wake(character)
      }
      setTimeout(wakeSome, n * SLICE_MS).unref()
    }
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    this.#off()
    for (const character of [...this.#sleepers.keys()]) this.#wake(character)
  }
}
