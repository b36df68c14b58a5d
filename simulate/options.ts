import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { StrataError } from '../model/errors.ts'
import { derivationHelp, derivationNames } from './days/derive.ts'
import { type Factors, factorNames } from './generate/day.ts'
import { type DayKind, dayKinds, kindNames } from './generate/kinds.ts'
import { type PlacerName, placerNames } from './placers.ts'

/** `frontier`: cohesion over spending, for budgets below and above the policy's. `random`: the policy beside random settings that know no budget. */
export type Study = { kind: 'frontier'; budget: BudgetName } | { kind: 'sensitivity' } | { kind: 'random'; settings: number }

const budgetNames = ['moves', 'copies'] as const
export type BudgetName = (typeof budgetNames)[number]

export interface Options {
  /** File of the recorded day; undefined when the day is generated. */
  trace: string | undefined
  /** List of the zones' kinds; undefined when there is none. */
  zones: string | undefined
  /** How another day is made of the recorded one; undefined: the day is run as it was. */
  derive: string | undefined
  generate: DayKind | undefined
  players: number
  realms: number
  /** Properties of a generated day as factors of the recorded day's. */
  factors: Factors | undefined
  /** Names of the layered maps of a generated day, busiest first; undefined: invented ones. */
  maps: string[] | undefined
  policies: string | undefined
  compare: string | undefined
  /** The game's placement code. */
  code: string | undefined
  placer: PlacerName
  seed: number
  bootSeconds: number
  planSeconds: number
  /** Time at the start that is not scored; undefined: an hour, of a recording a tenth at most. */
  warmUpSeconds: number | undefined
  log: string | undefined
  /** File to which the generated day is written. */
  out: string | undefined
  plot: string | undefined
  json: boolean
  /** Progress as lines on stderr, for a program. */
  progress: boolean
  /** Many runs of the day instead of one. */
  study: Study | undefined
  /** Worker processes of a study. */
  jobs: number
  /** File with the runs of a study that are done; it goes on there. */
  results: string | undefined
  /** What the defaults decided, for the user; written to stderr. */
  notices: string[]
}

/** The recorded day is not part of the repository. A clone without it gets a generated day. */
export const DEFAULT_TRACE = '../shared/traces/megaserver_day.csv.gz'
const DEFAULT_KIND: DayKind = 'ordinary'
/** The zone list is looked for under this name in the folder of the trace. */
const ZONES_NAME = 'wowah_zones.csv'

export const help = `npm run simulate -- [options]

Runs the production planner and placer over a day of players, in virtual time, and reports how many guilds, friends and parties share a copy.

  --trace FILE      a recording of "strata record export" (docs/reference/recording.md), or a day as
                    realm,avatar,guild,zone,t0,t1 (default ${DEFAULT_TRACE};
                    without that file, a generated ${DEFAULT_KIND} day)
  --zones FILE      kinds of the zones of such a day as id,name,kind (default ${ZONES_NAME} beside the trace;
                    without that file, every zone is a layered map)
  --derive HOW      run another day that is made of the recorded one; A,B derives twice:
${derivationHelp()
  .map((line) => `                      ${line}`)
  .join('\n')}
  --generate KIND   generate a day instead of reading a recorded one:
${kindNames.map((kind) => `                      ${kind.padEnd(10)}${dayKinds[kind].summary}`).join('\n')}
  --players N       generated days: players online at the peak (default 6000)
  --realms N        generated days: number of realms merged into one world (default 20)
  --factors A=N,B=N generated days: properties as factors of the recorded day's: churn (how often players log in and travel),
                    guilds (their members), peak (over the mean; 0: no night), such as churn=2,guilds=0.5
  --maps A,B        generated days: names of the layered maps, busiest first (default 40 invented ones)
  --out FILE        generated days: also write the day to this file
  --policies DIR    folder with map policies; a map without one gets the shipped policy
  --compare DIR     run the same day again with the policies in this folder, and show both results
  --frontier BUDGET ${budgetNames.join(' or ')}: run the day with a quarter to four times the policy's budget, and plot what it buys
  --sensitivity     halve and double each constant of placement and planning, and show what changes beside the noise of five seeds
  --against-random N
                    N random settings without budgets, the best of those that keep the budgets, and the policy beside them
  --jobs N          of these three: runs at a time, each in a process (default: the number of CPUs)
  --results FILE    of these three: write each run to this file, and do not repeat those that it has; remove it when the code has changed
  --code FILE       the game's own placement signals, as PLACEMENT_CODE of the matchmaker
  --plot FILE.svg   plot players, copies and moves over the day (default with --compare: simulate.svg),
                    or the frontier (default frontier.svg)
  --placer NAME     ${placerNames.join(', ')}: the production placer, or a baseline to compare it with
  --seed N          seed of all random draws; the same seed gives the same output (default 1)
  --boot SECONDS    time to open a copy, from the planner's decision (default 30)
  --plan SECONDS    time between two plans (default 10; production plans every second)
  --warm-up SECONDS time at the start that is not scored (default 3600; of a recording a tenth, 3600 at most)
  --log FILE.csv    write every event as seconds,event,character,map,copy,cause
  --json            print one JSON object instead of a table
  --progress        write lines such as "progress today 40" to stderr
  --help
`

/** Returns undefined for `--help`. `exists` says whether a default file is there. Throws BAD_REQUEST with a message that says what to write instead. */
export function parseOptions(args: readonly string[], exists: (file: string) => boolean = existsSync): Options | undefined {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parsed(() =>
    parseArgs({
      args: [...args],
      options: {
        ...{
          trace: text,
          zones: text,
          derive: text,
          generate: text,
          players: text,
          realms: text,
          maps: text,
          factors: text,
          policies: text,
          compare: text,
          code: text,
          placer: text,
          seed: text,
          boot: text,
          plan: text,
          'warm-up': text,
        },
        ...{ frontier: text, sensitivity: flag, 'against-random': text, jobs: text, results: text },
        ...{ log: text, out: text, plot: text, json: flag, progress: flag, help: flag },
      },
    }),
  )
  if (values.help === true) return undefined
  const generate = values.generate === undefined ? undefined : oneOf('--generate', values.generate, kindNames)
  if (generate !== undefined && values.trace !== undefined) throw bad('--trace and --generate exclude each other; give one of them')
  if (generate !== undefined && values.derive !== undefined) throw bad('--derive changes a recorded day; leave out --generate')
  if (generate === undefined && values.factors !== undefined) throw bad('--factors changes a generated day; add --generate KIND')
  if (generate === undefined && values.out !== undefined) throw bad('--out writes a generated day; add --generate KIND')
  const study = studyOf(values)
  if (study !== undefined && values.compare !== undefined) throw bad('--compare runs a day twice; leave it out, or leave out the study')
  return {
    ...dayOf(generate, values, exists),
    derive: values.derive
      ?.split(',')
      .map((name) => oneOf('--derive', name, derivationNames))
      .join(','),
    players: whole('--players', values.players, 6000, 1),
    realms: whole('--realms', values.realms, 20, 1),
    factors: factorsOf(values.factors),
    maps: values.maps?.split(','),
    policies: values.policies,
    compare: values.compare,
    code: values.code,
    placer: oneOf('--placer', values.placer ?? 'strata', placerNames),
    seed: whole('--seed', values.seed, 1, 0),
    bootSeconds: whole('--boot', values.boot, 30, 0),
    planSeconds: whole('--plan', values.plan, 10, 1),
    warmUpSeconds: values['warm-up'] === undefined ? undefined : whole('--warm-up', values['warm-up'], 0, 0),
    log: values.log,
    out: values.out,
    plot: values.plot ?? (study?.kind === 'frontier' ? 'frontier.svg' : values.compare === undefined ? undefined : 'simulate.svg'),
    study,
    jobs: whole('--jobs', values.jobs, availableParallelism(), 1),
    results: values.results,
    json: values.json === true,
    progress: values.progress === true,
  }
}

function factorsOf(text: string | undefined): Factors | undefined {
  if (text === undefined) return undefined
  const factors: Factors = {}
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=')
    if (!(Number(value) >= 0) || value === '') throw bad(`--factors is written such as churn=2,guilds=0.5; not ${part}`)
    factors[oneOf('--factors', name, factorNames)] = Number(value)
  }
  return factors
}

function studyOf(values: { frontier?: string | undefined; sensitivity?: boolean | undefined; 'against-random'?: string | undefined }): Study | undefined {
  const { frontier, sensitivity, 'against-random': settings } = values
  const studies: Study[] = []
  if (frontier !== undefined) studies.push({ kind: 'frontier', budget: oneOf('--frontier', frontier, budgetNames) })
  if (sensitivity === true) studies.push({ kind: 'sensitivity' })
  if (settings !== undefined) studies.push({ kind: 'random', settings: whole('--against-random', settings, 0, 1) })
  if (studies.length > 1) throw bad('--frontier, --sensitivity and --against-random exclude each other; give one of them')
  return studies[0]
}

/** Which day is run: the given one, the recorded day where it is there, or a generated day. */
function dayOf(
  generate: DayKind | undefined,
  { trace: given, zones }: { trace?: string | undefined; zones?: string | undefined },
  exists: (file: string) => boolean,
): Pick<Options, 'trace' | 'zones' | 'generate' | 'notices'> {
  const trace = generate === undefined ? (given ?? (exists(DEFAULT_TRACE) ? DEFAULT_TRACE : undefined)) : undefined
  if (trace === undefined) {
    if (zones !== undefined) throw bad('--zones describes a recorded day; name one with --trace')
    const notices =
      generate === undefined ? [`There is no recorded day at ${DEFAULT_TRACE}: this run generates an ${DEFAULT_KIND} day. Give a day with --trace FILE.`] : []
    return { trace, zones, generate: generate ?? DEFAULT_KIND, notices }
  }
  const beside = zoneListBeside(trace)
  return { trace, zones: zones ?? (exists(beside) ? beside : undefined), generate, notices: [] }
}

/** Where the zone list of a trace is looked for. */
export function zoneListBeside(trace: string): string {
  return join(dirname(trace), ZONES_NAME)
}

function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error))
  }
}

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw bad(`${option} is one of ${known.join(', ')}; not ${value}`)
  return found
}

function whole(option: string, value: string | undefined, otherwise: number, least: number): number {
  if (value === undefined) return otherwise
  const number = Number(value)
  if (!Number.isInteger(number) || number < least) throw bad(`${option} is a whole number from ${least}; not ${value}`)
  return number
}

function bad(problem: string): StrataError {
  return new StrataError('BAD_REQUEST', { problem })
}
