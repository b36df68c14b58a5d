import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type LocalWorld, startWorld } from '../local/world.ts'

/** Makes a folder for a world's state, with a copy of the policies of `fleets/` that the test may change. The test removes it. */
export async function worldFolder(name: string): Promise<{ folder: string; policies: string }> {
  const folder = await mkdtemp(join(tmpdir(), `strata-${name}-`))
  const policies = join(folder, 'policies')
  await cp('fleets', policies, { recursive: true })
  return { folder, policies }
}

/** Starts the whole system as `npm start` does, at free ports. `options` are those of its bots, which the test starts. */
export async function startTestWorld({ folder, policies }: { folder: string; policies: string }, bots = 0) {
  const options = { bots, speed: 1, scale: 1, seed: 1, fresh: true, view: false, state: folder, policies, matchmakerPort: 0, orchestratorPort: 0 }
  const log = pino({ level: 'info' }, pino.destination({ dest: join(folder, 'supervisor.log'), sync: true }))
  const world: LocalWorld = await startWorld(options, () => undefined, log, new AbortController().signal)
  return { world, options }
}
