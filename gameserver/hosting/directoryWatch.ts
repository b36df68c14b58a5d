import { setTimeout as pause } from 'node:timers/promises'
import type { Directory, DirectoryEvent } from '../../directory/directory.ts'
import type { Logger } from '../../service/log.ts'

const AGAIN_MS = 500

/** Hears the directory until `signal` aborts; a broken stream begins anew with a `gap`, since something may have been missed. */
export async function watchDirectory(directory: Directory, signal: AbortSignal, log: Logger, hear: (event: DirectoryEvent) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of directory.watch(signal)) hear(event)
    } catch (error) {
      if (signal.aborted) return
      log.warn({ err: error }, 'the stream of the directory broke; watching again')
    }
    await pause(AGAIN_MS, undefined, { signal }).catch(() => {})
    if (!signal.aborted) hear({ type: 'gap' })
  }
}
