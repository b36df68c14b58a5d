import { createHash } from 'node:crypto'
import { Command, Option } from 'commander'
import { wholeNumber } from '../../service/terminal/options.ts'
import { BUGS, type Bug } from './bugs.ts'
import { type Outcome, run } from './run.ts'
import { scenarioOf } from './scenario.ts'
import { only, shrink } from './shrink.ts'
import { makeKeys } from './world.ts'

interface Options {
  seeds: number
  from: number
  keep?: number[]
  bug?: Bug
  json?: true
  history?: true
  stop?: true
}

/** One broken rule, and the command that reproduces it. */
interface Found {
  seed: number
  rule: string
  message: string
  /** Indices of the events that suffice to break the rule. */
  keep: number[]
  history: readonly string[]
  again: string
}

const wholes = (text: string): number[] =>
  text
    .split(',')
    .filter((part) => part !== '')
    .map(wholeNumber)

const options = new Command('npm run simulate:faults --')
  .description('Runs the whole system in virtual time under faults that are drawn from seeds, and checks the rules of SPEC.md after each step.')
  .option('--seeds <count>', 'number of seeds', wholeNumber, 1_000)
  .option('--from <seed>', 'the first seed', wholeNumber, 1)
  .option('--keep <places>', 'keep only the events with these indices, separated by commas; for a single seed', wholes)
  .addOption(new Option('--bug <name>', 'run with a deliberate mistake, which the rules must find').choices(BUGS))
  .option('--stop', 'stop at the first broken rule')
  .option('--history', 'print the history of each seed')
  .option('--json', 'print the result as JSON')
  .parse()
  .opts<Options>()

const keys = await makeKeys()
const began = performance.now()
const found: Found[] = []
const digest = createHash('sha256')
const happened = new Map<string, number>()
let [steps, simulatedMs, done] = [0, 0, 0]

for (let seed = options.from; seed < options.from + options.seeds; seed++) {
  const full = scenarioOf(seed)
  const scenario = options.keep === undefined ? full : only(full, options.keep)
  const outcome = await run(scenario, { keys, bug: options.bug, logs: options.history === true })
  done++
  steps += outcome.steps
  simulatedMs += outcome.elapsedMs
  for (const [what, times] of outcome.counts) happened.set(what, (happened.get(what) ?? 0) + times)
  digest.update(outcome.history.join('\n'))
  if (options.history === true) print(outcome.history.join('\n'))
  if (outcome.broken !== undefined) {
    const one = await explain(seed, outcome)
    found.push(one)
    if (options.json !== true) print(`\nseed ${seed} ${one.message}\n\n${one.history.join('\n')}\n\nreproduce it: ${one.again}`)
    if (options.stop === true) break
  }
  if (options.json !== true && done % 100 === 0) print(`${done} seeds, ${found.length} broken rules, ${Math.round((performance.now() - began) / 1000)} s`)
}

const seconds = (performance.now() - began) / 1000
const result = {
  seeds: done,
  from: options.from,
  broken: found.length,
  steps,
  simulatedHours: simulatedMs / 3_600_000,
  seconds,
  happened: Object.fromEntries([...happened].sort()),
  digest: digest.digest('hex'),
  found,
}
if (options.json === true) print(JSON.stringify(result, null, 2))
else {
  for (const [what, times] of Object.entries(result.happened)) print(`  ${what}: ${times}`)
  print(
    `${done} seeds from ${options.from}: ${found.length} broken rules; ${steps} steps, ${result.simulatedHours.toFixed(1)} hours in ${seconds.toFixed(0)} s`,
  )
}
process.exit(found.length === 0 ? 0 : 1)

/** Shrinks the failing seed to the shortest list of events that still breaks the same rule. */
async function explain(seed: number, { broken }: Outcome): Promise<Found> {
  const full = scenarioOf(seed)
  const rule = broken?.rule ?? ''
  const again = async (kept: typeof full): Promise<boolean> => (await run(kept, { keys, bug: options.bug })).broken?.rule === rule
  const keep = options.keep ?? (await shrink(full, again))
  const { history, broken: shortest } = await run(only(full, keep), { keys, bug: options.bug, logs: true })
  const bug = options.bug === undefined ? '' : ` --bug "${options.bug}"`
  return {
    seed,
    rule,
    message: shortest?.message ?? '',
    keep,
    history,
    again: `npm run simulate:faults -- --from ${seed} --seeds 1 --keep ${keep.join(',')} --history${bug}`,
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
