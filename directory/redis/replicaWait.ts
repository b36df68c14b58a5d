import type { Redis } from 'ioredis'
import type { DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'

/** Longest wait for the replicas, in ms: less than the deadline of a command (2 s). A healthy replica answers within its round trip. */
const WAIT_MS: DurationMs = 1_000
/** How long the key that each wait writes is kept, in ms. */
const MARK_KEPT_MS: DurationMs = 60_000

/**
 * Confirms that replicas have all earlier writes of this process, so that the failover to one of them loses none. It writes a mark after them and waits for the
 * mark (Redis WAIT), because the replication is one stream. It has a connection of its own, because Redis serves nothing else on a connection that waits.
 */
export class ReplicaWait implements Disposable {
  readonly #redis: Redis
  readonly #replicas: number
  readonly #mark: string
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(redis: Redis, replicas: number, mark: string) {
    this.#redis = redis
    this.#replicas = replicas
    this.#mark = mark
    redis.on('error', () => undefined) // the caller of each failed command gets the error
  }

  /** Waits for the replicas. Calls that arrive during a wait share the next one. Throws DEPENDENCY_DOWN when too few answer in time. */
  confirm(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        this.#running = this.#wait()
        return this.#running
      })
    return this.#next
  }

  async #wait(): Promise<void> {
    const answers = await this.#redis.pipeline().set(this.#mark, '1', 'PX', MARK_KEPT_MS).wait(this.#replicas, WAIT_MS).exec()
    const [[failed] = [], [waitFailed, reached] = []] = answers ?? []
    const error = failed ?? waitFailed ?? undefined
    if (error !== undefined) throw error
    if (Number(reached) < this.#replicas) throw new StrataError('DEPENDENCY_DOWN', { what: `A replica of Redis (${String(reached)} of ${this.#replicas})` })
  }

  [Symbol.dispose](): void {
    this.#redis.disconnect()
  }
}
