import { existsSync } from 'node:fs'
import { seededRandom } from '../model/random.ts'
import { type Day, generatedDays, judgedDays } from '../simulate/days/list.ts'
import { DEFAULT_TRACE, zoneListBeside } from '../simulate/options.ts'
import type { Scored } from '../simulate/output/report.ts'
import { worstSpans } from '../simulate/output/worstSpan.ts'
import { readTrace } from '../simulate/population/readTrace.ts'
import type { Sample } from '../simulate/sample.ts'
import { policiesFor } from '../simulate/shippedPolicy.ts'
import { simulate, WARM_UP_SECONDS } from '../simulate/simulation.ts'
import { numberAfter, textAfter } from './arguments.ts'
import { type Report, rounded } from './report.ts'

export const summary = 'the shipped policy on 20 days that it was not made on: derived from the recorded day, and generated; --only a,b and --seed N'

/** Time to open a copy, in seconds, as `npm run simulate` has it. */
const BOOT_SECONDS = 30

type Figures = Pick<
  Scored,
  | 'guildPairCohesion'
  | 'friendPairCohesion'
  | 'languageShare'
  | 'partyCohesion'
  | 'forcedMovesPerPlayerHour'
  | 'worstHour'
  | 'worstTenMinutes'
  | 'copiesOverNeed'
  | 'shortMapMinutes'
  | 'lowFillPlayerShare'
>

/** For each figure whether a larger value is the worse one. */
const worseIsMore: Record<keyof Figures, boolean> = {
  guildPairCohesion: false,
  friendPairCohesion: false,
  languageShare: false,
  partyCohesion: false,
  forcedMovesPerPlayerHour: true,
  worstHour: true,
  worstTenMinutes: true,
  copiesOverNeed: true,
  shortMapMinutes: true,
  lowFillPlayerShare: true,
}

/** Runs the days one after the other, each with the shipped policy. Without the recorded day, which is not part of the repository, only the generated ones. */
export async function run(_stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const seed = numberAfter(args, '--seed') ?? 1
  const only = textAfter(args, '--only')?.split(',')
  const trace = textAfter(args, '--trace') ?? DEFAULT_TRACE
  const all = existsSync(trace) ? judgedDays(await readTrace(trace, zoneListBeside(trace))) : generatedDays()
  const days: Report = {}
  const worst: Record<string, { value: number; day: string }> = {}
  for (const day of all.filter(({ name }) => only?.includes(name) ?? true)) {
    const figures = figuresOf(day, seed)
    process.stderr.write(`${day.name.padEnd(22)}${Object.values(figures).join('  ')}\n`)
    days[day.name] = figures
    for (const [name, more] of Object.entries(worseIsMore)) {
      const value = Number(figures[name])
      const known = worst[name]
      if (known === undefined || (more ? value > known.value : value < known.value)) worst[name] = { value, day: day.name }
    }
  }
  return { seed, worst, days }
}

function figuresOf({ make }: Day, seed: number): Report {
  const began = performance.now()
  const trace = make(seed)
  const samples: Sample[] = []
  const sample = (one: Sample): void => void samples.push(one)
  const score = simulate(trace, { policies: policiesFor(trace), random: seededRandom(seed), bootSeconds: BOOT_SECONDS, sample })
  const all = { ...score, ...worstSpans(samples, WARM_UP_SECONDS) }
  const figures = Object.keys(worseIsMore).map((name) => [name, rounded(all[name as keyof Figures], 5)]) // its own keys
  return { ...Object.fromEntries(figures), meanPlayers: Math.round(score.meanPlayers), seconds: rounded((performance.now() - began) / 1000, 1) }
}
