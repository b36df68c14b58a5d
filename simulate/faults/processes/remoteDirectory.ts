import type { Directory, DirectoryEvent, Subscription } from '../../../directory/directory.ts'
import { isSubscribed } from '../../../directory/subscriptions.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Network } from '../kernel/network.ts'
import type { Process } from '../kernel/process.ts'

/** As `directory/redis/redisDirectory.ts`. */
const COMMAND_TIMEOUT_MS = 2_000
const RESUBSCRIBED_AFTER_MS = 120

/** The directory as one process reaches it: over one connection that keeps order, and a stream of events that forgets. */
export function remoteDirectory(kernel: Kernel, network: Network, directory: Directory, events: EventSource, from: Process): Directory {
  const answer = (name: string | symbol) => {
    if (name === 'watch') return async (signal: AbortSignal, subscription?: Subscription) => subscribe(kernel, network, events, from, signal, subscription)
    if (name === Symbol.asyncDispose) return async () => {}
    return (...args: unknown[]) =>
      network.call(from, 'directory', async () => Reflect.apply(Reflect.get(directory, name), directory, args), {
        what: String(name),
        deadlineMs: COMMAND_TIMEOUT_MS,
        ordered: true,
      })
  }
  // Each method of the port is a call: the proxy has all of them.
  return new Proxy({} as Directory, { get: (_target, name) => (name === 'then' ? undefined : answer(name)) })
}

export type EventSource = (listener: (event: DirectoryEvent) => void) => () => void

/** What `directory/redis/redisEvents.ts` makes of publish/subscribe: order, holes noticed by their numbers, `gap` after a reconnect. */
function subscribe(
  kernel: Kernel,
  network: Network,
  source: EventSource,
  owner: Process,
  signal: AbortSignal,
  subscription: Subscription = {},
): AsyncIterable<DirectoryEvent> {
  const seqs = new Map<MapName, number>()
  let backlog: DirectoryEvent[] = []
  let wake = Promise.withResolvers<void>()
  let arrives = 0
  let gapAt: number | undefined
  const push = (event: DirectoryEvent): void => {
    backlog.push(event)
    wake.resolve()
  }
  const hear = (event: DirectoryEvent): void => {
    if (event.type === 'gap') seqs.clear()
    else if ('seq' in event && subscription.onlyFor === undefined) {
      const last = seqs.get(event.map)
      seqs.set(event.map, event.seq)
      if (last !== undefined && event.seq !== last + 1) push({ type: 'gap' })
    }
    push(event)
  }
  const deliver = (event: DirectoryEvent, at: number): void => {
    arrives = Math.max(arrives, at)
    kernel.at(owner, arrives, () => hear(event))
  }
  const broken = (until: number): void => {
    if (gapAt !== undefined && gapAt >= until) return
    gapAt = until
    deliver({ type: 'gap' }, until + RESUBSCRIBED_AFTER_MS)
  }
  const off = source((event) => {
    if (owner.dead) return off()
    if (!isSubscribed(event, subscription)) return
    const whole = network.splitUntil('directory', owner.name)
    if (whole !== undefined) return broken(whole)
    // A real FLUSHALL tells nobody.
    if (event.type !== 'gap' || event === RESTARTED) deliver(event, kernel.now() + network.latency('directory', owner.name))
  })
  signal.addEventListener(
    'abort',
    () => {
      off()
      wake.resolve()
    },
    { once: true },
  )
  return {
    async *[Symbol.asyncIterator]() {
      while (!signal.aborted) {
        await wake.promise
        wake = Promise.withResolvers()
        const batch = backlog
        backlog = []
        for (const event of batch) {
          if (signal.aborted) return
          yield event
        }
      }
    },
  }
}

/** Said to every subscriber when the directory's process is there again. */
export const RESTARTED: DirectoryEvent = { type: 'gap' }
