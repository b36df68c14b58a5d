import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import { catalogue } from '../../model/errors.ts'
import type { ZoneServices } from '../zone/services.ts'
import type { CopyReconciler } from './copyReconciler.ts'

/** Interval in ms between two checks whether all rooms are empty. */
const CHECK_EVERY_MS = 100

/** Waits until the orchestrator has moved all players away, or the deadline has passed. */
export async function waitUntilEmpty({ rooms }: Pick<ZoneServices, 'rooms'>, deadlineMs: DurationMs): Promise<void> {
  const deadline = Date.now() + deadlineMs
  while (Date.now() < deadline && [...rooms.values()].some((room) => !room.empty)) await pause(CHECK_EVERY_MS)
}

/** Saves and disconnects the remaining players, then removes the copies from the directory so that those players can enter elsewhere at once (rule D2). */
export async function closeRooms({ rooms, directory, log }: ZoneServices, reconciler: CopyReconciler): Promise<void> {
  const hosted = reconciler.hosted()
  await Promise.all([...rooms.values()].map((room) => room.close(catalogue.SERVER_DRAINING.close)))
  for (const copy of hosted) {
    await directory
      .removeCopy(copy.map, copy.id)
      .catch((error: unknown) => log.warn({ err: error, copy: copy.id }, 'could not remove a copy from the directory'))
  }
}
