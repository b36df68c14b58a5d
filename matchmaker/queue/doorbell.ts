import { setTimeout as delay } from 'node:timers/promises'
import type { Directory } from '../../directory/directory.ts'
import type { CharacterId, MapName } from '../../model/ids.ts'
import type { Logger } from '../../service/log.ts'

const RETRY_MS = 500

/**
 * Tells, as soon as the directory does, who got a seat (whoever holds their long poll answers it) and on which map something
 * changed that may let somebody in. Only a hint: everybody looks for themselves afterwards, and from time to time without it.
 */
export class Doorbell implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #sleepers = new Map<CharacterId, Set<() => void>>()
  readonly #onMap = new Set<(map: MapName) => void>()
  readonly #onGap = new Set<() => void>()
  readonly #running: Promise<void>

  constructor(directory: Pick<Directory, 'watch'>, log: Pick<Logger, 'warn'>) {
    this.#running = this.#listen(directory, log)
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

  async #listen(directory: Pick<Directory, 'watch'>, log: Pick<Logger, 'warn'>): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        for await (const event of directory.watch(signal)) {
          if (event.type === 'gap') for (const listener of this.#onGap) listener()
          else if ('map' in event) {
            if (event.type === 'seats') for (const seat of event.set) this.#wake(seat.character)
            for (const listener of this.#onMap) listener(event.map)
          }
        }
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, 'the directory cannot be watched now; looking from time to time')
      }
      await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  #wake(character: CharacterId): void {
    for (const wake of this.#sleepers.get(character) ?? []) wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }
}
