import { setTimeout as sleep } from 'node:timers/promises'

/** Asks until it holds; throws what it said last. Returns after how long it held. */
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
