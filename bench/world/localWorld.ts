import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type LocalWorld, startWorld } from '../../local/world.ts'

/** Prints progress to stderr; stdout has only the report. */
export const say = (what: string): boolean => process.stderr.write(`${what}\n`)

/** Starts the whole system as `npm start` does, without bots, with the policies and fleets of one bench. `stack` stops it. */
export async function startLocalWorld(stack: AsyncDisposableStack, policies: string): Promise<LocalWorld> {
  const state = await mkdtemp(join(tmpdir(), 'strata-bench-'))
  stack.defer(() => rm(state, { recursive: true, force: true }))
  const options = { bots: 0, speed: 1, scale: 1, seed: 1, fresh: true, view: false, state, policies, matchmakerPort: 0, orchestratorPort: 0 }
  return stack.use(await startWorld(options, say, pino({ level: 'silent' }), new AbortController().signal))
}
