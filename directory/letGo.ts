import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../model/clock.ts'
import { StrataError } from '../model/errors.ts'
import type { CharacterId } from '../model/ids.ts'
import type { Presence } from '../model/seat.ts'
import type { Directory } from './directory.ts'

/**
 * Longest wait, in ms, for the server where the character is live. A healthy server saves it in some 10 ms. A crashed or paused one does not answer, and the
 * login then goes on without what was not saved (rule D2). The client sends its join again after 3 s, so the wait has to be shorter.
 */
export const LET_GO_WITHIN_MS: DurationMs = 1_500
/** Interval, in ms, between two looks at the presence. */
const LOOK_EVERY_MS: DurationMs = 25
/** The message to the server may be lost, so it is repeated after this many looks. */
const ASK_EVERY_LOOKS = 10

export interface LetGoQuestion {
  /** Identifies the question, so that the answer to another login does not count. */
  ask: string
  /** Whether the character need not leave: where it is live, and whether a move has released it there. */
  mayStay: (presence: Presence, released: boolean) => boolean
}

/** `busy`: the game keeps the body where it is (hook `canLeave`), for `forMs` at most. `silent`: the server did not answer in time. */
export type LetGoAnswer = { is: 'gone' } | { is: 'busy'; at: Presence; forMs: DurationMs } | { is: 'silent'; at: Presence }

/** The refusal of a login while the game keeps the character where it is. */
export function busyError({ at, forMs }: LetGoAnswer & { is: 'busy' }): StrataError {
  return new StrataError('CHARACTER_BUSY', { map: at.map, seconds: Math.ceil(forMs / 1000) })
}

/** Asks the server where a character is live to save it and let it go, and waits until it has. Without an answer the question is repeated, also after a move. */
export async function letGo(directory: Pick<Directory, 'presence' | 'tellServer'>, character: CharacterId, question: LetGoQuestion): Promise<LetGoAnswer> {
  const { ask, mayStay } = question
  let late = false
  const timer = setTimeout(() => {
    late = true
  }, LET_GO_WITHIN_MS)
  try {
    for (let looks = 0; ; looks++) {
      const at = (await directory.presence([character])).get(character)
      const answer = at?.keeps?.ask === ask ? at.keeps : undefined
      if (at === undefined || mayStay(at, answer?.forMs === 0)) return { is: 'gone' }
      if (answer !== undefined && answer.forMs > 0) return { is: 'busy', at, forMs: answer.forMs }
      if (late) return { is: 'silent', at }
      const { server, copy, epoch } = at
      if (looks % ASK_EVERY_LOOKS === 0) await directory.tellServer({ type: 'letGo', server, copy, character, epoch, ask })
      await pause(LOOK_EVERY_MS)
    }
  } finally {
    clearTimeout(timer)
  }
}
