import { setTimeout as pause } from 'node:timers/promises'
import type { Directory, DirectoryEvent } from '../../directory/directory.ts'
import type { ServerId } from '../../model/ids.ts'
import type { Logger } from '../../service/log.ts'

const AGAIN_MS = 500

export interface DirectoryWatchOptions {
  directory: Directory
  server: ServerId
  log: Logger
  hear: (event: DirectoryEvent) => void
}

/** Hears of the directory what concerns this server, until `signal` aborts. A stream begins with a `gap`: something may have been missed before. */
export async function watchDirectory({ directory, server, log, hear }: DirectoryWatchOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const events = await directory.watch(signal, { onlyFor: server })
      hear({ type: 'gap' })
      for await (const event of events) hear(event)
    } catch (error) {
      if (signal.aborted) return
      log.warn({ err: error }, 'the stream of the directory broke; watching again')
    }
    await pause(AGAIN_MS, undefined, { signal }).catch(() => {})
  }
}
