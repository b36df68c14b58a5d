import type { Logger } from '../../service/log.ts'

/** Interval in ms between writes. The sidecar writes to the Kubernetes API every 500 ms, so faster changes would only queue there. */
const WRITE_EVERY_MS = 500

/** Publishes the newest value of each counter when it has changed, with at most one write in flight per counter. */
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
      // Log the first refusal only: a fleet that does not define this counter refuses every write.
      if (!this.#refused.has(name)) this.#log.warn({ err: error, counter: name }, 'Agones refused a counter; does the fleet define it?')
      this.#refused.add(name)
    } finally {
      this.#busy.delete(name)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
