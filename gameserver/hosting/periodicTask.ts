import type { Logger } from '../../service/log.ts'

/**
 * Runs `work` every `everyMs`, and at once after `wake()`; two runs never overlap. A failure is logged and the next run tries again, so `work` must
 * read its input again each time.
 */
export class PeriodicTask implements AsyncDisposable {
  readonly #work: () => Promise<void>
  readonly #everyMs: number
  readonly #log: Logger
  readonly #name: string
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #woken = false
  #stopped = false

  constructor(name: string, everyMs: number, log: Logger, work: () => Promise<void>) {
    this.#name = name
    this.#everyMs = everyMs
    this.#log = log
    this.#work = work
    this.wake()
  }

  wake(): void {
    if (this.#stopped) return
    if (this.#running !== undefined) {
      this.#woken = true
      return
    }
    clearTimeout(this.#timer)
    this.#woken = false
    this.#running = this.#once()
  }

  async #once(): Promise<void> {
    try {
      await this.#work()
    } catch (error) {
      this.#log.warn({ err: error }, `${this.#name} failed; trying again`)
    } finally {
      this.#running = undefined
      if (this.#woken) this.wake()
      else if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), this.#everyMs)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }
}
