/**
 * Loaded into each local game server before its own code (`node --import`). Its standard input is a pipe that the
 * fleet host holds open: when the host ends, in whatever way, the pipe ends too, and the server goes with it: first by
 * the same SIGTERM as in a cluster, so that it saves; then by force.
 */
const FORCE_AFTER_MS = 4_000

function end(): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), FORCE_AFTER_MS)
  process.kill(process.pid, 'SIGTERM')
}

process.stdin.once('end', end)
process.stdin.once('error', end)
process.stdin.resume()
// A pipe is a socket: it must not keep a server alive that has nothing left to do.
;(process.stdin as unknown as { unref(): void }).unref()
