import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { SocialProfile } from '../../store/store.ts'
import { endSessions } from '../moderation/endSessions.ts'
import type { Parts } from '../parts.ts'

/** Longest wait, in ms, until the session of the account's other character has ended. A server that does not answer ends it later by itself. */
const WAIT_MS: DurationMs = 1_500
const LOOK_EVERY_MS: DurationMs = 50

/**
 * Makes a character that has a seat the live one of its account, where an account may have one: seats that are held for its other characters are given back,
 * and their sessions end after they are saved. The store keeps the choice, so that a session that begins at this moment ends, too.
 */
export async function becomeLiveCharacter(parts: Parts, { account, character, playing, siblings = [] }: SocialProfile): Promise<void> {
  const { store, directory } = parts
  if (parts.liveCharacters === 'several') {
    // The setting was `one` before.
    if (playing !== undefined) await store.setPlaying(account, undefined)
    return
  }
  if (siblings.length === 0 || playing === character) return
  await store.setPlaying(account, character)
  let live = await endSessions(parts, siblings, 'LIVE_ELSEWHERE', 'another character of the account entered')
  for (let waited = 0; waited < WAIT_MS && live > 0; waited += LOOK_EVERY_MS) {
    await pause(LOOK_EVERY_MS)
    live = (await directory.presence(siblings)).size
  }
}
