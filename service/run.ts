import { flushCompileCache } from 'node:module'
import type { Logger } from './log.ts'

/** Default time for a clean shutdown, in ms. After it the process exits with code 1. */
const SHUTDOWN_TIMEOUT_MS = 10_000

/**
 * Runs the main service of a process. SIGTERM and SIGINT abort the signal that `start` gets and dispose what it returned. The exit code is 0 after a
 * clean shutdown and 1 after a failure. A second signal ends the process at once.
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
      log.error({ shutdownTimeoutMs }, 'the shutdown took too long; exiting now')
      process.exit(1)
    }, shutdownTimeoutMs)
    try {
      await service?.[Symbol.asyncDispose]()
      clearTimeout(timer)
      log.info('stopped')
      process.exit(0)
    } catch (error) {
      log.error({ err: error }, 'the shutdown failed')
      process.exit(1)
    }
  }
  process.on('SIGTERM', (signal) => void stop(signal))
  process.on('SIGINT', (signal) => void stop(signal))
  try {
    // Writes the compile cache (NODE_COMPILE_CACHE) now, so that other processes start faster while this one runs. Not later: the first time, it blocks for seconds.
    flushCompileCache()
    service = await start(stopping.signal)
  } catch (error) {
    if (stopping.signal.aborted) return
    log.fatal({ err: error }, error instanceof Error ? error.message : 'the process could not start')
    process.exit(1)
  }
}
