import { setTimeout as sleep } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { Logger } from '../../service/log.ts'

/** Interval of the checks. What a check finds different is written at once, or at the next check after a failure. */
const CHECK_EVERY_MS: DurationMs = 1_000

/** Runs the check until the signal aborts. A failure is logged with what could not be done, and the next check tries again. */
export async function checkRegularly(check: () => Promise<void>, failure: string, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await check().catch((error: unknown) => {
      if (!signal.aborted) log.warn({ err: error }, `${failure}; trying again`)
    })
    await sleep(CHECK_EVERY_MS, undefined, { signal }).catch(() => {})
  }
}
