import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until the condition is true, for work in another process or behind a timer. Throws with the text of the condition after `withinMs`. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 25_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${condition}`)
    await sleep(5)
  }
}
