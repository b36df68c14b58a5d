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

export function ringFor(doorbell: Doorbell, event: DirectoryEvent): void {
  switch (event.type) {
    case 'copy':
    case 'copyRemoved':
    case 'moveSettled':
    case 'gap':
      return doorbell.ring(SOON_MS)
    case 'seats':
    case 'line':
      return doorbell.ring(CROWD_MS)
    // A server's report is a beat, once a second from each; presence says nothing to the planner.
    case 'server':
    case 'presence':
    case 'moveOrdered':
      return
  }
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
