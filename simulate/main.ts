import { writeFile } from 'node:fs/promises'
import { defined } from '../model/defined.ts'
import { StrataError } from '../model/errors.ts'
import type { Policies } from '../model/policy/policy.ts'
import { seededRandom } from '../model/random.ts'
import type { Score } from '../score/day/daySums.ts'
import { help, type Options, parseOptions, zoneListBeside } from './options.ts'
import { EventLog } from './output/eventLog.ts'
import { plotDays, type Series } from './output/plot.ts'
import { progressBar, progressLines } from './output/progress.ts'
import { type Named, table } from './output/report.ts'
import { worstSpans } from './output/worstSpan.ts'
import type { Trace } from './population/trace.ts'
import { prepare } from './prepare.ts'
import type { Sample } from './sample.ts'
import { policiesFor } from './shippedPolicy.ts'
import { simulate } from './simulation.ts'
import { runStudy } from './study/runStudy.ts'

/** `npm run simulate`: runs a day through the production planner and placer and prints its score. With `--compare` it runs the day twice and prints both. */
async function run(options: Options): Promise<void> {
  for (const notice of options.notices) process.stderr.write(`${notice}\n`)
  const started = performance.now()
  if (options.study !== undefined) return runStudy(options, options.study)
  const { trace, warmUpSeconds, policiesIn, failures } = await prepare(options)
  process.stderr.write(noticeOn(trace, options))
  const runs: Omit<Run, 'samples'>[] = [
    { name: options.compare === undefined ? options.placer : "today's", own: await policiesIn(options.policies), log: options.log },
  ]
  if (options.compare !== undefined) runs.push({ name: options.compare, own: await policiesIn(options.compare), log: undefined })
  const scores: Named[] = []
  const series: Series[] = []
  for (const { name, own, log } of runs) {
    const began = scores.length === 0 ? started : performance.now()
    const samples: Sample[] = []
    const score = runOnce(trace, { ...options, warmUpSeconds }, { name, own, log, samples })
    const wallSeconds = (performance.now() - began) / 1000
    scores.push({ name, score: { ...score, ...worstSpans(samples, warmUpSeconds), wallSeconds } })
    series.push({ name, samples })
  }
  for (const [name, problem] of failures) process.stderr.write(`The placement signal ${name} failed and counted 0: ${problem}\n`)
  if (options.plot !== undefined) await writeFile(options.plot, plotDays(series))
  process.stdout.write(options.json ? `${JSON.stringify(asJson({ ...options, warmUpSeconds }, scores))}\n` : table(scores, options.plot))
}

/** The JSON report: the score of one run, or with `--compare` the scores `today` and `draft`. */
function asJson({ seed, placer, trace, generate, bootSeconds, warmUpSeconds }: Options, [first, second]: readonly Named[]): object {
  const about = { day: trace ?? generate, seed, placer, bootSeconds, warmUpSeconds }
  return second === undefined ? { ...first?.score, ...about } : { today: first?.score, draft: second.score, ...about }
}

/** What to know about the day before its figures; written to stderr. */
function noticeOn({ recorded, avatars }: Trace, { trace, zones }: Options): string {
  if (recorded !== undefined) {
    const { start, seconds, gapSeconds } = recorded
    const [from, until] = [start, start + seconds * 1000].map((at) => new Date(at).toISOString())
    const gaps = gapSeconds === 0 ? '' : `; ${Math.round(gapSeconds)} s in between were not recorded`
    return `A recording of ${avatars.length} people from ${from} until ${until}${gaps}.\n`
  }
  if (trace === undefined || zones !== undefined) return ''
  return `There is no zone list at ${zoneListBeside(trace)}: every zone counts as a layered map. Give the zones' kinds with --zones FILE.\n`
}

interface Run {
  name: string
  /** The designer's policies. */
  own: Policies
  /** File for the event log. */
  log: string | undefined
  samples: Sample[]
}

function runOnce(
  trace: Trace,
  { seed, bootSeconds, planSeconds, warmUpSeconds, placer, json, progress, compare }: Options,
  { name, own, log: file, samples }: Run,
): Score {
  using log = file === undefined ? undefined : new EventLog(file)
  using bar = progress ? progressLines(name === compare ? 'draft' : 'today', process.stderr) : json ? undefined : progressBar(name, process.stderr)
  return simulate(trace, {
    policies: policiesFor(trace, own),
    random: seededRandom(seed),
    bootSeconds,
    planSeconds,
    placer,
    sample: (sample) => samples.push(sample),
    ...defined({ log, progress: bar?.show, warmUpSeconds }),
  })
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === undefined) process.stdout.write(help)
  else await run(options)
} catch (error) {
  if (!(error instanceof StrataError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
