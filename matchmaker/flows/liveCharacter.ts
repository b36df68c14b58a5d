import { busyError, LET_GO_WITHIN_MS, letGo } from '../../directory/letGo.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { SocialProfile } from '../../store/store.ts'
import { giveBackHeld } from '../moderation/endSessions.ts'
import type { Parts } from '../parts.ts'

/**
 * Makes a character that has a seat the live one of its account, where an account may have one: its other characters are saved and leave, and seats that are
 * held for them are given back. The store keeps the choice, so that a session that begins at this moment ends, too, and so does one on a server that did not
 * answer. Throws CHARACTER_BUSY, and changes nothing, when the game keeps another character of the account where it is (hook `canLeave`).
 */
export async function becomeLiveCharacter(parts: Parts, { account, character, playing, siblings = [] }: SocialProfile): Promise<void> {
  const { store } = parts
  if (parts.liveCharacters === 'several') {
    // The setting was `one` before.
    if (playing !== undefined) await store.setPlaying(account, undefined)
    return
  }
  if (siblings.length === 0 || playing === character) return
  await Promise.all(siblings.map((sibling) => letGoOf(parts, sibling)))
  await store.setPlaying(account, character)
  await giveBackHeld(parts, siblings)
}

/** A character that a move has released goes live at the destination, whose server is asked next. */
async function letGoOf({ directory, newId, log }: Parts, character: CharacterId): Promise<void> {
  const answer = await letGo(directory, character, { ask: newId(), mayStay: () => false })
  if (answer.is === 'busy') throw busyError(answer)
  if (answer.is === 'silent')
    log.warn(
      { character, server: answer.at.server, waitedMs: LET_GO_WITHIN_MS },
      "the server of an account's other character did not let it go; it ends it later",
    )
}
