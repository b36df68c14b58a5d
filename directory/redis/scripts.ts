import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

const read = (name: string): string => readFileSync(new URL(`lua/${name}.lua`, import.meta.url), 'utf8')

/** Scripts on one map: one key (the map's base key), the two event channels as the last arguments, the shared functions in front. */
const mapScripts = [
  'holdSeats',
  'promote',
  'promoted',
  'takeSeat',
  'freeSeat',
  'giveBackSeat',
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
] as const
const presenceScripts = ['setPresence', 'clearPresence'] as const

type Arguments = (string | number)[]
type Script = (...keysAndArguments: Arguments) => Promise<unknown>

/** The scripts as functions: keys first, then arguments. What they answer stands in the head of each file. */
export type Scripts = Record<(typeof mapScripts)[number] | (typeof presenceScripts)[number], Script>

/** Defines the scripts on a connection; ioredis sends EVALSHA, and the text once when Redis does not know it. */
export function defineScripts(redis: Redis): Scripts {
  const common = read('common')
  const define = (name: string, lua: string, numberOfKeys: number): void => redis.defineCommand(`strata:${name}`, { lua, numberOfKeys })
  for (const name of mapScripts) define(name, `${common}\n${read(name)}`, 1)
  for (const name of presenceScripts) define(name, read(name), 1)
  // defineCommand adds methods that the type of Redis cannot know.
  const methods = redis as unknown as Record<string, Script>
  const script = (name: string): Script => {
    const method = methods[`strata:${name}`]
    if (method === undefined) throw new TypeError(`the script ${name} was not defined`)
    return method.bind(redis)
  }
  return Object.fromEntries([...mapScripts, ...presenceScripts].map((name) => [name, script(name)])) as Scripts // one entry per name
}
