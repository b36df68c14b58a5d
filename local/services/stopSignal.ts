/** How often the parent process is checked, in ms. */
const PARENT_POLL_MS = 500
/** In ms. Signals within this time after the first belong to it: Ctrl-C and `timeout` signal the whole process group, and npm then signals its child again. */
const REPEATED_WITHIN_MS = 1_000

/** Aborted at the first SIGINT, SIGTERM or SIGHUP. A later second signal exits at once with code 1; child processes then end by themselves (see orphanGuard.ts and ownedProcess.ts). */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController()
  let firstAtMs = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping.signal.aborted) firstAtMs = performance.now()
      else if (performance.now() - firstAtMs > REPEATED_WITHIN_MS) process.exit(1)
      stopping.abort()
    })
  }
  return stopping.signal
}

/** Sends SIGTERM to this process when its parent has died: a killed `npm run` passes no signal on. */
export function stopWithParent(): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, PARENT_POLL_MS)
  timer.unref()
}
