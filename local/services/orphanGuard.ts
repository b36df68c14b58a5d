/**
 * Loaded into each local child process before its own code (`node --import`). Its standard input is a pipe that the
 * supervisor holds open. When the supervisor ends, for whatever reason, the pipe closes: this process then sends itself
 * SIGTERM, as Kubernetes would, so that it can save, and SIGKILL after `FORCE_AFTER_MS`.
 */
const FORCE_AFTER_MS = 4_000

function end(): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), FORCE_AFTER_MS)
  process.kill(process.pid, 'SIGTERM')
}

process.stdin.once('end', end)
process.stdin.once('error', end)
process.stdin.resume()
// A pipe is a socket. Without `unref` it would keep a process alive that has nothing left to do.
;(process.stdin as unknown as { unref(): void }).unref()
