import { busyError, LET_GO_WITHIN_MS, letGo } from '../../../directory/letGo.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Presence } from '../../../model/seat.ts'
import type { ZoneCore } from '../core.ts'

type LoginCore = Pick<ZoneCore<unknown, unknown>, 'services' | 'copy' | 'log'>

/**
 * Waits until the server where a character is live has saved it and let it go. Without this a login elsewhere would undo the play since the last save, while
 * items and money that were gained in it stay. Returns at once when the character is live nowhere or in this copy, where the login takes over its body.
 * Throws CHARACTER_BUSY when the game keeps the body where it is (hook `canLeave`).
 */
export async function awaitLetGo({ services, copy, log }: LoginCore, character: CharacterId): Promise<void> {
  const { directory, clock } = services
  const mayStay = (at: Presence, released: boolean): boolean => at.copy === copy || released
  const answer = await letGo(directory, character, { ask: `${copy} ${clock.now()}`, mayStay })
  if (answer.is === 'busy') throw busyError(answer)
  if (answer.is === 'silent')
    log.warn({ character, server: answer.at.server, waitedMs: LET_GO_WITHIN_MS }, 'the server of a character did not let it go; what it has not saved is lost')
}
