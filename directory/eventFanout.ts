import type { DirectoryEvent } from './directory.ts'

/** A watcher that reads nothing for so many events is told `gap` and begins anew, instead of filling the memory. */
const BACKLOG_LIMIT = 50_000

/** One source of events, many watchers, each at its own pace. */
export class EventFanout {
  readonly #listeners = new Set<(event: DirectoryEvent) => void>()

  emit(event: DirectoryEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  on(listener: (event: DirectoryEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Listens from the call on, not from the first `next`: nothing in between is missed. */
  iterate(signal: AbortSignal, wanted: (event: DirectoryEvent) => boolean = () => true): AsyncIterable<DirectoryEvent> {
    let backlog: DirectoryEvent[] = []
    let wake = Promise.withResolvers<void>()
    const off = this.on((event) => {
      if (!wanted(event)) return
      if (backlog.length >= BACKLOG_LIMIT) backlog = [{ type: 'gap' }]
      backlog.push(event)
      wake.resolve()
    })
    const stop = (): void => {
      off()
      wake.resolve()
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    return {
      async *[Symbol.asyncIterator]() {
        try {
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
        } finally {
          stop()
        }
      },
    }
  }
}
