import type { Redis } from 'ioredis'
import type { RedisConnections } from './openRedis.ts'

/** Deadline of the first connect and subscribe, in ms. */
const OPEN_TIMEOUT_MS = 5_000

/** All connections for subscriptions of one directory. */
export class Subscribers implements Disposable {
  readonly #subscriber: RedisConnections['subscriber']
  readonly #connections = new Set<Redis>()

  constructor({ subscriber }: RedisConnections) {
    this.#subscriber = subscriber
  }

  /** Opens one more connection and returns what `use` makes of it. `signal` closes the connection, at any time. */
  async open<Feed>(use: (connection: Redis) => Feed, signal?: AbortSignal): Promise<Awaited<Feed>> {
    signal?.throwIfAborted()
    const connection = this.#subscriber()
    this.#connections.add(connection)
    connection.on('error', () => undefined)
    const close = (): void => this.close(connection)
    signal?.addEventListener('abort', close, { once: true })
    const timer = setTimeout(close, OPEN_TIMEOUT_MS)
    try {
      await connection.connect()
      return await use(connection)
    } catch (error) {
      close()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  close(connection: Redis): void {
    this.#connections.delete(connection)
    connection.disconnect()
  }

  /** Connects all subscriptions again. */
  reconnect(): void {
    for (const connection of this.#connections) connection.disconnect(true)
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.disconnect()
  }
}
