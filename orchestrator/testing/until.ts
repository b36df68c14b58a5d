import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for what goes on elsewhere: another process, a timer of the code under test. Throws with the condition when it does not come. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${condition}`)
    await sleep(5)
  }
}
