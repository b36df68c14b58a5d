import { readFileSync } from 'node:fs'
import type { Cluster, Redis } from 'ioredis'

const read = (name: string): string => readFileSync(new URL(`lua/${name}.lua`, import.meta.url), 'utf8')

/** Scripts on one map. Key: the base key of the map. Last three arguments: the event channels, and whose clock counts. `common.lua` is prepended to each. */
const mapScripts = [
  'holdSeats',
  'promote',
  'promoted',
  'takeSeat',
  'freeSeat',
  'giveBackSeat',
  'describeSeats',
  'sweepSeats',
  'putCopy',
  'removeCopy',
  'restoreCopy',
  'joinLine',
  'renewLine',
  'leaveLine',
  'linePosition',
  'lineHead',
  'snapshot',
  'hosted',
] as const
const presenceScripts = ['setPresence', 'clearPresence'] as const

type Arguments = (string | number)[]
type Script = (...keysAndArguments: Arguments) => Promise<unknown>

/** The scripts as functions: keys first, then arguments. The first lines of each file describe its result. */
export type Scripts = Record<(typeof mapScripts)[number] | (typeof presenceScripts)[number], Script>

/** Defines the scripts on a connection. ioredis sends EVALSHA, and the text only if Redis does not know the script. */
export function defineScripts(redis: Redis | Cluster): Scripts {
  const common = read('common')
  const define = (name: string, lua: string, numberOfKeys: number): void => redis.defineCommand(`strata:${name}`, { lua, numberOfKeys })
  for (const name of mapScripts) define(name, `${common}\n${read(name)}`, 1)
  for (const name of presenceScripts) define(name, read(name), 1)
  // `defineCommand` adds methods that are not in the type `Redis`.
  const methods = redis as unknown as Record<string, Script>
  const script = (name: string): Script => {
    const method = methods[`strata:${name}`]
    if (method === undefined) throw new TypeError(`The script ${name} was not defined.`)
    return method.bind(redis)
  }
  return Object.fromEntries([...mapScripts, ...presenceScripts].map((name) => [name, script(name)])) as Scripts // one entry per name
}
