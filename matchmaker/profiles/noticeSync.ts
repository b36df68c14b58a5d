import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { Social } from '../../store/social/social.ts'
import type { Parts } from '../parts.ts'

/** How often the outbox is read, in ms: a player sees a change of a list well within a second. */
const READ_EVERY_MS: DurationMs = 250
/** Notices per read. */
const BATCH = 500

type NoticeParts = Pick<Parts, 'directory' | 'log'>

/**
 * Passes notices about changed lists (party, friends, invitations, profile) on to players in the world, through the server where each one is. The database's
 * triggers write the notices, so a change by the studio or an operator counts like one by a player. Every matchmaker runs one; they share the outbox.
 */
export class NoticeSync implements AsyncDisposable {
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(parts: NoticeParts, social: Pick<Social, 'takePlayerNotices'>) {
    this.#running = this.#run(parts, social)
  }

  async #run(parts: NoticeParts, social: Pick<Social, 'takePlayerNotices'>): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      // A notice that was taken and not delivered is lost: players read their lists again when they enter.
      const taken = await passOnNotices(parts, social).catch((error: unknown) => {
        parts.log.warn({ err: error }, 'notices for players were not passed on')
        return 0
      })
      if (taken < BATCH) await pause(READ_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }
}

/** Passes on one batch. Returns for how many players. */
export async function passOnNotices({ directory }: Pick<Parts, 'directory'>, social: Pick<Social, 'takePlayerNotices'>): Promise<number> {
  const notices = await social.takePlayerNotices(BATCH)
  if (notices.size === 0) return 0
  const present = await directory.presence([...notices.keys()])
  await Promise.all(
    [...present].map(([character, { server }]) =>
      directory.tellServer({ type: 'tellPlayer', server, character, notice: { about: 'changed', topics: notices.get(character) ?? [] } }),
    ),
  )
  return notices.size
}
