import type { Redis } from 'ioredis'
import type { MapName } from '../../model/ids.ts'
import type { DirectoryEvent } from '../directory.ts'
import { EventFanout } from '../eventFanout.ts'
import { readEvent } from './readEvent.ts'

/**
 * Events by publish/subscribe, which forgets whom it could not reach: after a reconnect, and when a map's numbers have a
 * hole or start anew (FLUSHALL), watchers hear `gap` and read snapshots.
 */
export class RedisEvents implements Disposable {
  readonly #connection: Redis
  readonly #fanout = new EventFanout()
  readonly #seqs = new Map<MapName, number>()

  private constructor(connection: Redis) {
    this.#connection = connection
  }

  static async subscribe(redis: Redis, channel: string): Promise<RedisEvents> {
    // A subscriber's connection can do nothing else, and must go on trying for as long as an outage lasts.
    const connection = redis.duplicate({ lazyConnect: true, commandTimeout: undefined, maxRetriesPerRequest: null, autoResubscribe: true })
    connection.on('error', () => undefined)
    const events = new RedisEvents(connection)
    await connection.connect()
    await connection.subscribe(channel)
    connection.on('message', (_channel: string, text: string) => events.#receive(text))
    connection.on('ready', () => events.#gap())
    return events
  }

  iterate(signal: AbortSignal): AsyncIterable<DirectoryEvent> {
    return this.#fanout.iterate(signal)
  }

  #receive(text: string): void {
    const event = readEvent(text)
    if (event === undefined) return
    if ('seq' in event) {
      const last = this.#seqs.get(event.map)
      this.#seqs.set(event.map, event.seq)
      if (last !== undefined && event.seq !== last + 1) this.#fanout.emit({ type: 'gap' })
    }
    this.#fanout.emit(event)
  }

  #gap(): void {
    this.#seqs.clear()
    this.#fanout.emit({ type: 'gap' })
  }

  [Symbol.dispose](): void {
    this.#connection.disconnect()
  }
}
