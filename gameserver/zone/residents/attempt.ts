import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '../../../service/log.ts'

/** Repeats what may be repeated safely, with growing pauses; throws the last error when `tries` are used up. */
export async function attempt<T>(log: Logger, what: string, tries: number, work: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await work()
    } catch (error) {
      if (round >= tries) throw error
      log.warn({ err: error, round }, `${what} failed; trying again`)
      await pause(Math.min(2_000, 100 * 2 ** round))
    }
  }
}
