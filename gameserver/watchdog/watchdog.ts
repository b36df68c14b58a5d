import { Worker } from 'node:worker_threads'
import type { DurationMs } from '../../model/clock.ts'
import type { CopyId } from '../../model/ids.ts'
import { ownScript } from '../../service/installation.ts'
import type { Watch } from '../zone/services.ts'
import { BUFFER_BYTES, PLACES, WORD, wordsOf, writeName } from './sharedState.ts'
import type { WatchOptions } from './watchThread.ts'

/** Interval in ms of the sign of life. */
const BEAT_MS: DurationMs = 100

/**
 * A hook of a game that loops without an end blocks the only thread: no timer of this process runs, and no try catches it. A second thread watches the signs of
 * life of the first one. When they stop, it logs which copy and hook runs, and after `endAfterMs` it ends the process. The players are then rescued as after any
 * other loss of a server (rule D2).
 */
export class Watchdog implements Watch, AsyncDisposable {
  readonly #buffer = new SharedArrayBuffer(BUFFER_BYTES)
  readonly #words = wordsOf(this.#buffer)
  /** Numbers of names, in order of their first use. */
  readonly #places = new Map<string, number>()
  /** The last copy: most calls in a row are for the same one. */
  #copy = { name: '', place: 0 }
  readonly #beat: NodeJS.Timeout
  readonly #worker: Worker

  constructor(options: WatchOptions) {
    this.#beat = setInterval(() => Atomics.add(this.#words, WORD.beats, 1), BEAT_MS)
    // Without the modules that the process preloads: they are for its main thread.
    this.#worker = new Worker(ownScript('gameserver/watchdog/watchThread'), { workerData: { buffer: this.#buffer, options }, execArgv: [] })
    this.#worker.unref()
  }

  run<T>(copy: CopyId, hook: string, code: () => T): T {
    const words = this.#words
    // Hooks run inside of each other: `left` inside of `step`.
    const [outerCopy, outerHook] = [words[WORD.copy] ?? 0, words[WORD.hook] ?? 0]
    if (copy !== this.#copy.name) this.#copy = { name: copy, place: this.#placeOf(copy) }
    words[WORD.copy] = this.#copy.place
    words[WORD.hook] = this.#placeOf(hook)
    try {
      return code()
    } finally {
      words[WORD.copy] = outerCopy
      words[WORD.hook] = outerHook
    }
  }

  /** 0 when there are too many names. */
  #placeOf(name: string): number {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    if (this.#places.size + 1 >= PLACES) return 0
    const place = this.#places.size + 1
    writeName(this.#buffer, place, name)
    this.#places.set(name, place)
    return place
  }

  /** The copy is closed: its name makes room for another. */
  forget(copy: CopyId): void {
    const place = this.#places.get(copy)
    if (place === undefined) return
    this.#places.delete(copy)
    this.#copy = { name: '', place: 0 }
    // Keep the numbers without gaps: the last name moves into the place.
    const last = [...this.#places].find(([, number]) => number === this.#places.size + 1)
    if (last === undefined || last[1] === place) return
    writeName(this.#buffer, place, last[0])
    this.#places.set(last[0], place)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beat)
    await this.#worker.terminate()
  }
}
