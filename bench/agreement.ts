import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '../model/random.ts'
import { writeRecording } from '../orchestrator/recording/writeRecording.ts'
import { readTrace } from '../simulate/population/readTrace.ts'
import { type SimulationOptions, simulatedSums } from '../simulate/simulation.ts'
import { createStore } from '../store/postgresStore.ts'
import { type Compared, compared } from '../test/recording/compare.ts'
import { PlayedWorld } from '../test/recording/playedWorld.ts'
import { playedPolicies, WARM_UP_SECONDS } from '../test/recording/policies.ts'
import { numberAfter } from './arguments.ts'
import { type Report, rounded } from './report.ts'
import { startServices } from './world/services.ts'

export const summary = 'how far figures of worlds in virtual time are from those of their simulated recordings, and what explains it (--worlds 8)'

/** Each changes one thing in the simulator. */
const variants: Record<string, Partial<SimulationOptions>> = {
  'as the test does it': {},
  'a plan every second': { planSeconds: 1 },
  'copies open in 30 s': { bootSeconds: 30 },
  'no warm-up': { warmUpSeconds: 0 },
}
const figures = ['guildPairCohesion', 'friendPairCohesion', 'partyCohesion', 'forcedMovesPerPlayerHour', 'meanCopies', 'meanPlayers', 'guildPairs'] as const

/** Mean of simulated minus live, and the largest distance, over all worlds. */
export async function run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const worlds = numberAfter(args, '--worlds') ?? 8
  const policies = playedPolicies()
  const { databaseUrl, folder } = await startServices(stack)
  const store = stack.use(await createStore({ url: databaseUrl, poolSize: 2 }))
  await mkdir(join(folder, 'recordings'))
  const results = Object.fromEntries(Object.keys(variants).map((name): [string, Compared[]] => [name, []]))
  for (let seed = 1; seed <= worlds; seed++) {
    await store.recordings.forgetRecording(Number.MAX_SAFE_INTEGER / 1000)
    const live = await (await PlayedWorld.of({ policies, players: 150, seed, store: store.recordings })).measure()
    const file = join(folder, 'recordings', `${seed}.csv`)
    await writeRecording(store.recordings, { from: 0, until: Number.MAX_SAFE_INTEGER / 1000 }, file)
    const trace = await readTrace(file, undefined)
    for (const [name, options] of Object.entries(variants)) {
      const sums = simulatedSums(trace, { policies, random: seededRandom(1), bootSeconds: 1, warmUpSeconds: WARM_UP_SECONDS, ...options })
      results[name]?.push(compared(live, sums))
    }
  }
  return { worlds, ...Object.fromEntries(Object.entries(results).map(([name, all]) => [name, differences(all)])) }
}

function differences(all: readonly Compared[]): Report {
  return Object.fromEntries(
    figures.map((figure) => {
      const each = all.map((one) => one[figure].simulated - one[figure].live)
      const live = all.reduce((sum, one) => sum + one[figure].live, 0) / all.length
      const mean = each.reduce((sum, difference) => sum + difference, 0) / each.length
      return [figure, { live: rounded(live, 3), meanDifference: rounded(mean, 3), largest: rounded(Math.max(...each.map(Math.abs)), 3) }]
    }),
  )
}
