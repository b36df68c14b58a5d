import type { DirectoryEvent } from '../../directory/directory.ts'
import type { DurationMs } from '../../model/clock.ts'
import type { Logger } from '../../service/log.ts'
import type { Alarm } from './alarm.ts'
import type { Reconciler } from './reconciler.ts'

/** Pause between two rounds when no event wakes the loop. */
const ROUND_EVERY_MS: DurationMs = 1_000
/** Delay of the next round after a rare event that usually changes the plan. */
const RARE_EVENT_MS: DurationMs = 100
/** Delay after an event that comes by the hundred in a crowd; longer, so that one round serves many of them. */
const FREQUENT_EVENT_MS: DurationMs = 300

/** Events that are missing here wake nothing: every server reports once a second, and presence does not change the plan. */
const delays: Partial<Record<DirectoryEvent['type'], DurationMs>> = {
  copy: RARE_EVENT_MS,
  copyRemoved: RARE_EVENT_MS,
  moveSettled: RARE_EVENT_MS,
  gap: RARE_EVENT_MS,
  seats: FREQUENT_EVENT_MS,
  line: FREQUENT_EVENT_MS,
}

export function wakeOn(event: DirectoryEvent, alarm: Alarm): void {
  const delay = delays[event.type]
  if (delay !== undefined) alarm.wakeWithin(delay)
}

/** Runs rounds until the signal aborts. A failed round is logged, and the next round tries again. */
export async function reconcileLoop(reconciler: Reconciler, alarm: Alarm, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await reconciler.round(signal)
    } catch (error) {
      if (signal.aborted) break
      log.error({ err: error }, 'a round failed; the next round tries again')
    }
    await alarm.wait(ROUND_EVERY_MS, signal)
  }
}
