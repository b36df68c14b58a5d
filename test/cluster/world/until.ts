import { setTimeout as sleep } from 'node:timers/promises'

/** Polls `check` until it returns true, and returns how long that took in ms. Throws after `withinMs` with the last result. */
export async function until(what: string, check: () => Promise<unknown> | unknown, withinMs: number, everyMs = 250): Promise<number> {
  const began = performance.now()
  for (let last: unknown; ; await sleep(everyMs)) {
    try {
      last = await check()
      if (last === true) return performance.now() - began
    } catch (error) {
      last = error instanceof Error ? error.message : error
    }
    if (performance.now() - began > withinMs) throw new Error(`not within ${withinMs / 1_000} s: ${what}; last: ${JSON.stringify(last)?.slice(0, 2_000)}`)
  }
}
