import type { DirectoryEvent } from './directory.ts'

/** Most unread events of one watcher, in events. Above it they are replaced by one `gap`, so that a watcher that stalls does not fill the memory. */
const BACKLOG_LIMIT = 50_000

/** Delivers the events of one source to many watchers. Each watcher reads at its own pace. */
export class EventFanout {
  readonly #listeners = new Set<(event: DirectoryEvent) => void>()

  emit(event: DirectoryEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  on(listener: (event: DirectoryEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Buffers events from this call on, not from the first `next`, so that no event between the two is missed. */
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
