import { parseArgs } from 'node:util'
import { StrataError } from '../model/errors.ts'
import { type DayKind, dayKinds, kindNames } from './generate/kinds.ts'
import { type PlacerName, placerNames } from './placers.ts'

export interface Options {
  /** Undefined with `generate`. */
  trace: string | undefined
  generate: DayKind | undefined
  players: number
  realms: number
  policies: string | undefined
  compare: string | undefined
  placer: PlacerName
  seed: number
  bootSeconds: number
  log: string | undefined
  /** Where the generated day is written. */
  out: string | undefined
  plot: string | undefined
  json: boolean
}

const DEFAULT_TRACE = '../shared/traces/megaserver_day.csv.gz'

export const help = `npm run simulate -- [options]

Runs the planner and the placer of production over a day of players, in virtual time, and says how well people were kept together.

  --trace FILE      a day as realm,avatar,guild,zone,t0,t1 (default ${DEFAULT_TRACE})
  --generate KIND   a made-up day instead of a recorded one:
${kindNames.map((kind) => `                      ${kind.padEnd(10)}${dayKinds[kind].summary}`).join('\n')}
  --players N       made-up days: online at the peak (default 6000)
  --realms N        made-up days: worlds that were put together (default 20)
  --out FILE        made-up days: write the day to this file, too
  --policies DIR    the designer's policies; maps without one get the shipped policy
  --compare DIR     run the same day once more with the policies of this folder, and show both
  --plot FILE.svg   players, copies and moves over the day (default with --compare: simulate.svg)
  --placer NAME     ${placerNames.join(', ')}: the product, or a peer to measure it against
  --seed N          same seed, same bytes (default 1)
  --boot SECONDS    from the decision to the open copy (default 30)
  --log FILE.csv    every event as seconds,event,character,map,copy,cause
  --json            one JSON object instead of a table
  --help
`

/** `undefined` when help is asked for. Throws BAD_REQUEST saying what to write. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parsed(() =>
    parseArgs({
      args: [...args],
      options: {
        ...{ trace: text, generate: text, players: text, realms: text, policies: text, compare: text, placer: text, seed: text, boot: text },
        ...{ log: text, out: text, plot: text, json: flag, help: flag },
      },
    }),
  )
  if (values.help === true) return undefined
  const generate = values.generate === undefined ? undefined : oneOf('--generate', values.generate, kindNames)
  if (generate !== undefined && values.trace !== undefined) throw bad('--trace and --generate exclude each other')
  if (generate === undefined && values.out !== undefined) throw bad('--out needs --generate')
  return {
    trace: generate === undefined ? (values.trace ?? DEFAULT_TRACE) : undefined,
    generate,
    players: whole('--players', values.players, 6000, 1),
    realms: whole('--realms', values.realms, 20, 1),
    policies: values.policies,
    compare: values.compare,
    placer: oneOf('--placer', values.placer ?? 'strata', placerNames),
    seed: whole('--seed', values.seed, 1, 0),
    bootSeconds: whole('--boot', values.boot, 30, 0),
    log: values.log,
    out: values.out,
    plot: values.plot ?? (values.compare === undefined ? undefined : 'simulate.svg'),
    json: values.json === true,
  }
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
