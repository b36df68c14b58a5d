import { setTimeout as sleep } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { Logger } from '../../service/log.ts'
import type { Leadership, Store } from '../../store/store.ts'

/** Pause between two attempts of a follower to take the lead. A dead leader is replaced within this plus the time its connection needs to end (rule D3). */
const TRY_EVERY_MS: DurationMs = 1_000

export interface LeadershipOptions {
  election: Pick<Store, 'tryLead'>
  /** Name of the lock that the candidates compete for. */
  name: string
  /** Work of the leader. Its signal aborts when the lock is lost or the process stops; it must return then, because the lock is released only afterwards. */
  duty: (signal: AbortSignal) => Promise<void>
  log: Logger
  stopping: AbortSignal
  tryEveryMs?: DurationMs
}

/** Runs `duty` whenever this process leads, until `stopping` aborts. */
export async function leadWhenPossible({ election, name, duty, log, stopping, tryEveryMs = TRY_EVERY_MS }: LeadershipOptions): Promise<void> {
  while (!stopping.aborted) {
    const leadership = await attempt(election, name, log)
    if (leadership !== undefined) {
      log.info('this process leads')
      try {
        await duty(AbortSignal.any([stopping, leadership.lost]))
      } catch (error) {
        log.error({ err: error }, 'the work of the leader failed')
      }
      await leadership[Symbol.asyncDispose]()
      log.info({ lost: leadership.lost.aborted }, 'this process no longer leads')
    }
    await sleep(tryEveryMs, undefined, { signal: stopping }).catch(() => {})
  }
}

async function attempt(election: Pick<Store, 'tryLead'>, name: string, log: Logger): Promise<Leadership | undefined> {
  try {
    return await election.tryLead(name)
  } catch (error) {
    log.warn({ err: error }, 'could not ask for the lead; trying again')
    return undefined
  }
}
