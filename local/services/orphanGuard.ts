import { closeSync, openSync } from 'node:fs'

/**
 * Loaded into each local child process before its own code (`node --import`). Its standard input is a pipe that the
 * supervisor holds open. When the supervisor ends, for whatever reason, the pipe closes: this process then sends itself
 * SIGTERM, as Kubernetes would, so that it can save, and SIGKILL after `FORCE_AFTER_MS`.
 */
const FORCE_AFTER_MS = 4_000

function end(): void {
  // The supervisor read the output, too. At the exit the log's library would repeat a write that fails with EPIPE without an end (sonic-boom's flushSync), which
  // blocks this thread, and so the timer below. The lowest free descriptor is the one that was closed.
  for (const output of [1, 2]) {
    closeSync(output)
    openSync('/dev/null', 'w')
  }
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), FORCE_AFTER_MS)
  process.kill(process.pid, 'SIGTERM')
}

process.stdin.once('end', end)
process.stdin.once('error', end)
process.stdin.resume()
// A pipe is a socket. Without `unref` it would keep a process alive that has nothing left to do.
;(process.stdin as unknown as { unref(): void }).unref()
