import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Instant } from '../model/clock.ts'
import { defined } from '../model/defined.ts'
import { seededRandom } from '../model/random.ts'
import { readValidPolicies } from '../service/policyFolder.ts'
import { EventLog } from '../simulate/output/eventLog.ts'
import { readTrace } from '../simulate/population/readTrace.ts'
import { policiesFor } from '../simulate/shippedPolicy.ts'
import { simulatedSums } from '../simulate/simulation.ts'
import { apart, compared } from '../test/recording/compare.ts'
import { numberAfter, textAfter } from './arguments.ts'
import { recordedRun } from './recording/recordedRun.ts'
import { type Report, rounded } from './report.ts'

export const summary =
  'npm start with bots is recorded, exported and simulated: figures of both (--bots 120 | --trace DAY.csv.gz --speed 600 --scale 0.02; --warm-up 60 --seconds 180 --policies fleets --keep DIR)'

export async function run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const [trace, keep, policies] = [textAfter(args, '--trace'), textAfter(args, '--keep'), textAfter(args, '--policies') ?? 'fleets']
  const number = (flag: string, otherwise: number): number => numberAfter(args, flag) ?? otherwise
  const folder = keep === undefined ? await mkdtemp(join(tmpdir(), 'strata-bench-')) : resolve(keep)
  if (keep === undefined) stack.defer(() => rm(folder, { recursive: true, force: true }))
  await mkdir(folder, { recursive: true })
  const { live, file, began, movesByCause, bootSeconds, shortOfCpuShare } = await recordedRun({
    ...{ folder, policies, warmUpSeconds: number('--warm-up', 60), seconds: number('--seconds', 180) },
    ...{ bots: trace === undefined ? number('--bots', 120) : 0, speed: number('--speed', 600), scale: number('--scale', 0.02) },
    ...defined({ trace }),
  })
  const day = await readTrace(file, undefined)
  const start: Instant = day.recorded?.start ?? 0
  using log = new EventLog(join(folder, 'simulated.csv'))
  const simulated = simulatedSums(day, {
    policies: policiesFor(day, await readValidPolicies(policies)),
    random: seededRandom(1),
    bootSeconds,
    planSeconds: 1,
    warmUpSeconds: (began - start) / 1_000,
    log,
  })
  const both = compared(live, simulated)
  const figures = Object.entries(both).map(([name, { live: one, simulated: other }]): [string, Report] => [
    name,
    { live: rounded(one, 3), simulated: rounded(other, 3) },
  ])
  return {
    ...{
      people: day.avatars.length,
      gapSeconds: day.recorded?.gapSeconds ?? 0,
      bootSeconds: rounded(bootSeconds),
      shortOfCpuShare: rounded(shortOfCpuShare, 3),
    },
    ...{ forcedMoves: { live: live.moves, simulated: simulated.moves }, movesByCause },
    ...Object.fromEntries(figures),
    beyondBounds: apart(both).join('; '),
  }
}
