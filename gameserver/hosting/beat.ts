import type { Logger } from '../../service/log.ts'

/**
 * Runs `work` every `everyMs`, and soon after `ring()`; never twice at once. A failure is logged, and the next beat
 * tries again: what it works on is read anew each time.
 */
export class Beat implements AsyncDisposable {
  readonly #work: () => Promise<void>
  readonly #everyMs: number
  readonly #log: Logger
  readonly #name: string
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #rung = false
  #stopped = false

  constructor(name: string, everyMs: number, log: Logger, work: () => Promise<void>) {
    this.#name = name
    this.#everyMs = everyMs
    this.#log = log
    this.#work = work
    this.ring()
  }

  ring(): void {
    if (this.#stopped) return
    if (this.#running !== undefined) {
      this.#rung = true
      return
    }
    clearTimeout(this.#timer)
    this.#rung = false
    this.#running = this.#once()
  }

  async #once(): Promise<void> {
    try {
      await this.#work()
    } catch (error) {
      this.#log.warn({ err: error }, `${this.#name} failed; trying again`)
    } finally {
      this.#running = undefined
      if (this.#rung) this.ring()
      else if (!this.#stopped) this.#timer = setTimeout(() => this.ring(), this.#everyMs)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }
}
