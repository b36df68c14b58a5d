import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { startBots } from '../local/bots.ts'
import { startWorld } from '../local/world.ts'
import type { Instant } from '../model/clock.ts'
import { defined } from '../model/defined.ts'
import { seededRandom } from '../model/random.ts'
import { recordingAnswer } from '../model/wire/recording.ts'
import { figureCounters } from '../orchestrator/figures/figureMetrics.ts'
import { type DaySums, noSums } from '../score/day/daySums.ts'
import { readValidPolicies } from '../service/policyFolder.ts'
import { readTrace } from '../simulate/population/readTrace.ts'
import { policiesFor } from '../simulate/shippedPolicy.ts'
import { simulatedSums } from '../simulate/simulation.ts'
import { between, compared } from '../test/recording/compare.ts'
import { numberAfter, textAfter } from './arguments.ts'
import { type Report, rounded } from './report.ts'
import { say } from './world/localWorld.ts'

export const summary = 'npm start with bots is recorded, exported and simulated: figures of both (--bots 150 --seconds 300 --trace DAY.csv.gz)'

/** Time from the start of the bots to the first reading: they sign in meanwhile. */
const WARM_UP_MS = 60_000
/** A copy of the demo opens in about this time. */
const BOOT_SECONDS = 2

export async function run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const [bots, seconds, trace] = [numberAfter(args, '--bots') ?? 150, numberAfter(args, '--seconds') ?? 300, textAfter(args, '--trace')]
  const state = await mkdtemp(join(tmpdir(), 'strata-bench-'))
  stack.defer(() => rm(state, { recursive: true, force: true }))
  await mkdir(join(state, 'log'))
  const policies = resolve('fleets')
  const options = {
    ...{
      bots: trace === undefined ? bots : 0,
      speed: 600,
      scale: 0.02,
      seed: 1,
      fresh: true,
      view: false,
      state,
      policies,
      matchmakerPort: 0,
      orchestratorPort: 0,
    },
    ...defined({ trace }),
  }
  const world = stack.use(await startWorld(options, say, pino({ level: 'silent' }), new AbortController().signal))
  const playing = startBots(options, world)
  stack.defer(() => playing.stop())
  await sleep(WARM_UP_MS)
  const [began, before] = [Date.now(), await liveSums(world.orchestratorUrl)]
  say(`measuring for ${seconds} s`)
  await sleep(seconds * 1_000)
  const [ended, after] = [Date.now(), await liveSums(world.orchestratorUrl)]
  say('waiting for the recording')
  const ask = async (path: string, body?: object): Promise<Response> =>
    fetch(`${world.orchestratorUrl}${path}`, {
      headers: { authorization: `Bearer ${world.operatorToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
  const recorded = async () => recordingAnswer.parse(await (await ask('/v1/recording')).json()).spans
  while (((await recorded()).at(-1)?.until ?? 0) < ended) await sleep(1_000)
  const file = join(state, 'recording.csv')
  const answer = await ask('/v1/recording/export', { from: 0, until: ended, reason: 'bench' })
  await write(answer, file)
  const day = await readTrace(file, undefined)
  const start: Instant = day.recorded?.start ?? 0
  const simulated = simulatedSums(day, {
    policies: policiesFor(day, await readValidPolicies(policies)),
    random: seededRandom(1),
    bootSeconds: BOOT_SECONDS,
    planSeconds: 1,
    warmUpSeconds: (began - start) / 1_000,
  })
  const figures = compared(between(before, after), simulated)
  const rows = Object.entries(figures).map(([name, { live, simulated: other }]): [string, Report] => [
    name,
    { live: rounded(live, 3), simulated: rounded(other, 3) },
  ])
  return { people: day.avatars.length, gapSeconds: day.recorded?.gapSeconds ?? 0, ...Object.fromEntries(rows) }
}

/** The sums that the orchestrator publishes. */
async function liveSums(orchestrator: string): Promise<DaySums> {
  const text = await (await fetch(`${orchestrator}/metrics`)).text()
  const counted = (name: string): number => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  const sums = Object.fromEntries(figureCounters.map(({ name, of }) => [of, counted(name)]))
  // The counters have no plain seconds. Differences of two readings are those of the clock.
  return { ...noSums(), ...sums, seconds: Date.now() / 1_000 }
}

async function write(answer: Response, file: string): Promise<void> {
  if (!answer.ok || answer.body === null) throw new Error(`the export was refused: ${await answer.text()}`)
  await pipeline(answer.body, createWriteStream(file))
}
