import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import { catalogue } from '../../model/errors.ts'
import type { ZoneServices } from '../zone/services.ts'
import type { CopyKeeper } from './copyKeeper.ts'

const LOOK_EVERY_MS = 100

/** Waits until the orchestrator has moved everybody away, or the deadline has passed. */
export async function emptied({ rooms }: Pick<ZoneServices, 'rooms'>, deadlineMs: DurationMs): Promise<void> {
  const deadline = Date.now() + deadlineMs
  while (Date.now() < deadline && [...rooms.values()].some((room) => !room.empty)) await pause(LOOK_EVERY_MS)
}

/** Everybody who is left is saved; their copies are gone, so that they enter elsewhere at once (rule D2). */
export async function leaveDirectory({ rooms, directory, log }: ZoneServices, keeper: CopyKeeper): Promise<void> {
  const hosted = keeper.hosted()
  await Promise.all([...rooms.values()].map((room) => room.close(catalogue.SERVER_DRAINING.close)))
  for (const copy of hosted) {
    await directory.removeCopy(copy.map, copy.id).catch((error: unknown) => log.warn({ err: error, copy: copy.id }, 'the directory still lists a copy'))
  }
}
