import type { Logger } from '../../service/log.ts'

/** The sidecar writes to the API once in 500 ms: faster changes would only queue there. */
const WRITE_EVERY_MS = 500

/** Publishes the newest value of each counter, at most one write per counter under way, and none where nothing changed. */
export class CounterWriter implements Disposable {
  readonly #write: (name: string, value: number) => Promise<unknown>
  readonly #log: Logger
  readonly #wanted = new Map<string, number>()
  readonly #written = new Map<string, number>()
  readonly #refused = new Set<string>()
  readonly #busy = new Set<string>()
  readonly #timer: NodeJS.Timeout

  constructor(write: (name: string, value: number) => Promise<unknown>, log: Logger) {
    this.#write = write
    this.#log = log
    this.#timer = setInterval(() => this.#flush(), WRITE_EVERY_MS)
  }

  set(name: string, value: number): void {
    this.#wanted.set(name, value)
  }

  #flush(): void {
    for (const [name, value] of this.#wanted) if (this.#written.get(name) !== value && !this.#busy.has(name)) void this.#send(name, value)
  }

  async #send(name: string, value: number): Promise<void> {
    this.#busy.add(name)
    try {
      await this.#write(name, value)
      this.#written.set(name, value)
      this.#refused.delete(name)
    } catch (error) {
      // Said once: a fleet without this counter refuses every write of it.
      if (!this.#refused.has(name)) this.#log.warn({ err: error, counter: name }, 'Agones did not take a counter')
      this.#refused.add(name)
    } finally {
      this.#busy.delete(name)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
