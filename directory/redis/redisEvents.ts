import type { MapName } from '../../model/ids.ts'
import type { DirectoryEvent, Subscription } from '../directory.ts'
import { EventFanout } from '../eventFanout.ts'
import { isSubscribed } from '../subscriptions.ts'
import { readEvent } from './readEvent.ts'
import type { Subscribers } from './subscribers.ts'

/**
 * Events through Redis publish/subscribe, which does not store messages for disconnected clients. Watchers get `gap`, and must read
 * snapshots, after a reconnect and when the event numbers of a map have a gap or restart (FLUSHALL). All channels are on one connection: Redis
 * then keeps their order, which the detection of gaps in the numbers needs.
 */
export function redisEvents(
  subscribers: Subscribers,
  channels: string[],
  subscription: Subscription,
  signal: AbortSignal,
): Promise<AsyncIterable<DirectoryEvent>> {
  return subscribers.open(async (connection) => {
    const fanout = new EventFanout()
    const events = fanout.iterate(signal, (event) => isSubscribed(event, subscription))
    const sequences = new SequenceTracker()
    connection.on('message', (_channel: string, text: string) => {
      const event = readEvent(text)
      if (event === undefined) return
      if (subscription.onlyFor === undefined && !sequences.isNext(event)) fanout.emit({ type: 'gap' })
      fanout.emit(event)
    })
    await connection.subscribe(...channels)
    connection.on('ready', async () => {
      // If this fails, the connection broke again and the next `ready` repeats it.
      await connection.subscribe(...channels).catch(() => undefined)
      sequences.clear()
      fanout.emit({ type: 'gap' })
    })
    return events
  }, signal)
}

/** The last event number of each map. */
class SequenceTracker {
  readonly #last = new Map<MapName, number>()

  /** Records the event. `false`: events before it are missing, or the numbers restarted. */
  isNext(event: DirectoryEvent): boolean {
    if (!('seq' in event)) return true
    const last = this.#last.get(event.map)
    this.#last.set(event.map, event.seq)
    return last === undefined || event.seq === last + 1
  }

  clear(): void {
    this.#last.clear()
  }
}
