import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { ZoneCore } from '../core.ts'

/**
 * Longest wait, in ms, for the server where the character is live. A healthy server saves it in some 10 ms. A crashed or paused one does not answer, and the
 * login then goes on without what was not saved (rule D2). The client sends its join again after 3 s, so the wait has to be shorter.
 */
export const LET_GO_WITHIN_MS: DurationMs = 1_500
/** Interval, in ms, between two looks at the presence. */
const LOOK_EVERY_MS: DurationMs = 25
/** The message to the server may be lost, so it is repeated after this many looks. */
const ASK_EVERY_LOOKS = 10

type LoginCore = Pick<ZoneCore<unknown, unknown>, 'services' | 'copy' | 'log'>

/**
 * Waits until the server where a character is live has saved it and let it go. Without this a login elsewhere would undo the play since the last save, while
 * items and money that were gained in it stay. Returns at once when the character is live nowhere or in this copy, where the login takes over its body.
 * Throws CHARACTER_BUSY when the game keeps the body where it is (hook `canLeave`).
 */
export async function awaitLetGo({ services, copy, log }: LoginCore, character: CharacterId): Promise<void> {
  const { directory, clock } = services
  const ask = `${copy} ${clock.now()}`
  let late = false
  const timer = setTimeout(() => {
    late = true
  }, LET_GO_WITHIN_MS)
  try {
    for (let looks = 0; ; looks++) {
      const present = (await directory.presence([character])).get(character)
      if (present === undefined || present.copy === copy) return
      const { server, epoch, keeps, map } = present
      if (keeps?.ask === ask && keeps.forMs === 0) return
      if (keeps?.ask === ask) throw new StrataError('CHARACTER_BUSY', { map, seconds: Math.ceil(keeps.forMs / 1000) })
      if (late)
        return void log.warn({ character, server, waitedMs: LET_GO_WITHIN_MS }, 'the server of a character did not let it go; what it has not saved is lost')
      if (looks % ASK_EVERY_LOOKS === 0) await directory.tellServer({ type: 'letGo', server, copy: present.copy, character, epoch, ask })
      await pause(LOOK_EVERY_MS)
    }
  } finally {
    clearTimeout(timer)
  }
}
