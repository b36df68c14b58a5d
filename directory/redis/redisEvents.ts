import type { Redis } from 'ioredis'
import type { MapName } from '../../model/ids.ts'
import type { DirectoryEvent, Hearing } from '../directory.ts'
import { EventFanout } from '../eventFanout.ts'
import { hears } from '../hears.ts'
import { readEvent } from './readEvent.ts'

/** Connecting and subscribing for the first time. */
const WATCH_TIMEOUT_MS = 5_000

/**
 * Events by publish/subscribe, which forgets whom it could not reach: after a reconnect, and when a map's numbers have a
 * hole or start anew (FLUSHALL), watchers hear `gap` and read snapshots.
 */
export class RedisEvents implements Disposable {
  readonly #redis: Redis
  readonly #connections = new Set<Redis>()

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /** All channels over one connection: Redis keeps the order among them, so that whoever hears everything finds holes by the numbers. */
  async watch(channels: string[], hearing: Hearing, signal: AbortSignal): Promise<AsyncIterable<DirectoryEvent>> {
    signal.throwIfAborted()
    // A subscriber's connection can do nothing else, and must go on trying for as long as an outage lasts.
    const connection = this.#redis.duplicate({ lazyConnect: true, commandTimeout: undefined, maxRetriesPerRequest: null, autoResubscribe: false })
    this.#connections.add(connection)
    connection.on('error', () => undefined)
    const end = (): void => {
      this.#connections.delete(connection)
      connection.disconnect()
    }
    signal.addEventListener('abort', end, { once: true })
    const late = setTimeout(end, WATCH_TIMEOUT_MS)
    try {
      await connection.connect()
      const fanout = new EventFanout()
      const events = fanout.iterate(signal, (event) => hears(event, hearing))
      const numbers = new Numbers()
      connection.on('message', (_channel: string, text: string) => {
        const event = readEvent(text)
        if (event === undefined) return
        if (hearing.onlyFor === undefined && !numbers.follow(event)) fanout.emit({ type: 'gap' })
        fanout.emit(event)
      })
      await connection.subscribe(...channels)
      connection.on('ready', async () => {
        // When it fails, the next connection is ready soon.
        await connection.subscribe(...channels).catch(() => undefined)
        numbers.forget()
        fanout.emit({ type: 'gap' })
      })
      return events
    } catch (error) {
      end()
      throw error
    } finally {
      clearTimeout(late)
    }
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.disconnect()
  }
}

/** The last number of each map. */
class Numbers {
  readonly #last = new Map<MapName, number>()

  /** `false`: some are missing before this event, or the directory began anew. */
  follow(event: DirectoryEvent): boolean {
    if (!('seq' in event)) return true
    const last = this.#last.get(event.map)
    this.#last.set(event.map, event.seq)
    return last === undefined || event.seq === last + 1
  }

  forget(): void {
    this.#last.clear()
  }
}
