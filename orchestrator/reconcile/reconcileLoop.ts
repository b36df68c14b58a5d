import type { DirectoryEvent } from '../../directory/directory.ts'
import type { DurationMs } from '../../model/clock.ts'
import type { Logger } from '../../service/log.ts'
import type { Doorbell } from './doorbell.ts'
import type { Reconciler } from './reconciler.ts'

/** Without any event a round comes this often. */
const ROUND_EVERY_MS: DurationMs = 1_000
/** Events that change what is to be done soon … */
const SOON_MS: DurationMs = 100
/** … and those that come by the hundred in a crowd. */
const CROWD_MS: DurationMs = 300

/** A server's report is a beat, once a second from each, and presence says nothing to the planner: these ring nothing. */
const delays: Partial<Record<DirectoryEvent['type'], DurationMs>> = {
  copy: SOON_MS,
  copyRemoved: SOON_MS,
  moveSettled: SOON_MS,
  gap: SOON_MS,
  seats: CROWD_MS,
  line: CROWD_MS,
}

export function ringFor(doorbell: Doorbell, event: DirectoryEvent): void {
  const delay = delays[event.type]
  if (delay !== undefined) doorbell.ring(delay)
}

/** Rounds until the signal aborts. A round that fails is told and the next one tries again. */
export async function reconcileLoop(reconciler: Reconciler, doorbell: Doorbell, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await reconciler.round(signal)
    } catch (error) {
      if (signal.aborted) break
      log.error({ err: error }, 'a round failed; the next one tries again')
    }
    await doorbell.wait(ROUND_EVERY_MS, signal)
  }
}
