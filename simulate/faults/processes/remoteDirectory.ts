import type { Directory, DirectoryEvent, Subscription } from '../../../directory/directory.ts'
import { EventFanout } from '../../../directory/eventFanout.ts'
import { isSubscribed } from '../../../directory/subscriptions.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Network } from '../kernel/network.ts'
import { override } from '../kernel/override.ts'
import type { Process } from '../kernel/process.ts'

/** Deadline of a command, in ms; the same as in `directory/redis/redisDirectory.ts`. */
const COMMAND_TIMEOUT_MS = 2_000
/** Time to subscribe again after a split ends, in ms. */
const RESUBSCRIBED_AFTER_MS = 120

export type EventSource = (listener: (event: DirectoryEvent) => void) => () => void

export interface RemoteDirectoryParts {
  kernel: Kernel
  network: Network
  directory: Directory
  events: EventSource
}

/** The directory as one process reaches it: commands over one ordered connection, and a stream of events that does not keep missed ones. */
export function remoteDirectory(from: Process, { kernel, network, directory, events }: RemoteDirectoryParts): Directory {
  const remote = network.remote(from, 'directory', directory, { deadlineMs: COMMAND_TIMEOUT_MS, ordered: true })
  return override<Directory>(remote, {
    watch: async (signal, subscription) => subscribe({ kernel, network, events, owner: from }, signal, subscription),
    [Symbol.asyncDispose]: async () => {},
  })
}

/** Behaves like `directory/redis/redisEvents.ts`: ordered events, missing sequence numbers reported as a gap, a gap after each reconnect. */
function subscribe(
  { kernel, network, events, owner }: Omit<RemoteDirectoryParts, 'directory'> & { owner: Process },
  signal: AbortSignal,
  subscription: Subscription = {},
): AsyncIterable<DirectoryEvent> {
  const seqs = new Map<MapName, number>()
  const received = new EventFanout()
  let arrives = 0
  let gapAt: number | undefined
  const receive = (event: DirectoryEvent): void => {
    if (event.type === 'gap') seqs.clear()
    else if ('seq' in event && subscription.onlyFor === undefined) {
      const last = seqs.get(event.map)
      seqs.set(event.map, event.seq)
      if (last !== undefined && event.seq !== last + 1) received.emit({ type: 'gap' })
    }
    received.emit(event)
  }
  const deliver = (event: DirectoryEvent, at: number): void => {
    arrives = Math.max(arrives, at)
    kernel.at(owner, arrives, () => receive(event))
  }
  const gapAfter = (until: number): void => {
    if (gapAt !== undefined && gapAt >= until) return
    gapAt = until
    deliver({ type: 'gap' }, until + RESUBSCRIBED_AFTER_MS)
  }
  const unsubscribe = events((event) => {
    if (owner.dead) return unsubscribe()
    if (!isSubscribed(event, subscription)) return
    const splitEnds = network.splitUntil('directory', owner.name)
    if (splitEnds !== undefined) return gapAfter(splitEnds)
    // Redis sends no message on FLUSHALL.
    if (event.type !== 'gap' || event === RESTARTED) deliver(event, kernel.now() + network.latency('directory', owner.name))
  })
  signal.addEventListener('abort', unsubscribe, { once: true })
  return received.iterate(signal)
}

/** The event that every subscriber gets when the directory's process has restarted. */
export const RESTARTED: DirectoryEvent = { type: 'gap' }
