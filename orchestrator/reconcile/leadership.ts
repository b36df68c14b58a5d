import { setTimeout as sleep } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { Logger } from '../../service/log.ts'
import type { Leadership, Store } from '../../store/store.ts'

/** A follower asks this often: a leader that dies is replaced within that and the time that its connection needs to end (rule D3). */
const TRY_EVERY_MS: DurationMs = 1_000

/**
 * Does the duty whenever this process leads, until `stopping` aborts. The duty's signal aborts when the lock is lost or
 * the process stops: it must return then, and only after that the lock is let go.
 */
export async function leadWhenPossible(
  store: Pick<Store, 'tryLead'>,
  name: string,
  duty: (signal: AbortSignal) => Promise<void>,
  log: Logger,
  stopping: AbortSignal,
  tryEveryMs = TRY_EVERY_MS,
): Promise<void> {
  while (!stopping.aborted) {
    const leadership = await attempt(store, name, log)
    if (leadership !== undefined) {
      log.info('leading')
      try {
        await duty(AbortSignal.any([stopping, leadership.lost]))
      } catch (error) {
        log.error({ err: error }, 'leading failed')
      }
      await leadership[Symbol.asyncDispose]()
      log.info({ lost: leadership.lost.aborted }, 'not leading any more')
    }
    await sleep(tryEveryMs, undefined, { signal: stopping }).catch(() => {})
  }
}

async function attempt(store: Pick<Store, 'tryLead'>, name: string, log: Logger): Promise<Leadership | undefined> {
  try {
    return await store.tryLead(name)
  } catch (error) {
    log.warn({ err: error }, 'cannot ask for the lead now')
    return undefined
  }
}
