import { flushCompileCache } from 'node:module'
import type { Logger } from './log.ts'

/** How long a clean shutdown may take before the process ends anyway (unless it says otherwise). */
const SHUTDOWN_TIMEOUT_MS = 10_000

/**
 * Runs one process: starts it, ends it on SIGTERM or SIGINT by disposing what `start` returned, exits 0 after a clean
 * end and 1 after a failure. A second signal ends it at once.
 */
export async function runService(
  log: Logger,
  start: (stopping: AbortSignal) => Promise<AsyncDisposable>,
  shutdownTimeoutMs = SHUTDOWN_TIMEOUT_MS,
): Promise<void> {
  const stopping = new AbortController()
  let service: AsyncDisposable | undefined
  const stop = async (signal: string): Promise<void> => {
    if (stopping.signal.aborted) process.exit(1)
    log.info({ signal }, 'stopping')
    stopping.abort()
    const timer = setTimeout(() => {
      log.error({ shutdownTimeoutMs }, 'did not stop in time')
      process.exit(1)
    }, shutdownTimeoutMs)
    try {
      await service?.[Symbol.asyncDispose]()
      clearTimeout(timer)
      log.info('stopped')
      process.exit(0)
    } catch (error) {
      log.error({ err: error }, 'stopping failed')
      process.exit(1)
    }
  }
  process.on('SIGTERM', (signal) => void stop(signal))
  process.on('SIGINT', (signal) => void stop(signal))
  try {
    service = await start(stopping.signal)
    // Where there is a cache (NODE_COMPILE_CACHE), the next process finds in it what this one compiled.
    flushCompileCache()
  } catch (error) {
    if (stopping.signal.aborted) return
    log.fatal({ err: error }, error instanceof Error ? error.message : 'could not start')
    process.exit(1)
  }
}
