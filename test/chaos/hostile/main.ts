import { setTimeout as pause } from 'node:timers/promises'
import { Command } from 'commander'
import { seededRandom } from '../../../model/random.ts'
import { wholeNumber } from '../../../service/terminal/options.ts'
import { HostileAccount } from './account.ts'
import { attacks } from './attacks.ts'
import { Caller } from './caller.ts'

/** Loopback addresses of the hostile clients: 127.0.0.66 and up, a few clients on each. */
const FIRST_ADDRESS = 66
const CLIENTS_PER_ADDRESS = 5
/** Time in ms for running attacks to end. Those that have not are not counted. */
const STOP_MS = 5_000

const options = new Command('hostile clients')
  .requiredOption('--matchmaker <url>')
  .requiredOption('--orchestrator <url>')
  .requiredOption('--maps <names>')
  .option('--clients <n>', '', wholeNumber, 20)
  .option('--seed <n>', '', wholeNumber, 1)
  .option('--only <attack>')
  .parse()
  .opts<{ matchmaker: string; orchestrator: string; maps: string; clients: number; seed: number; only?: string }>()

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())
// The servers that are attacked die in between, and clients of the SDK of Colyseus then reject in the background.
process.on('unhandledRejection', () => undefined)
process.on('uncaughtException', () => undefined)

const outcomes: Record<string, Record<string, number>> = {}
const names = Object.keys(attacks).filter((name) => options.only === undefined || name === options.only)
const all = Promise.all(Array.from({ length: options.clients }, (_, index) => attack(index)))
const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => setTimeout(resolve, STOP_MS)))
await Promise.race([all, stopped])
process.stdout.write(`${JSON.stringify(outcomes)}\n`)
process.exit(0)

/** One client: attack after attack until the end. Each begins with another one, so that all are in use at any time. */
async function attack(index: number): Promise<void> {
  const random = seededRandom(options.seed * 1_000 + index)
  using caller = new Caller(`127.0.0.${FIRST_ADDRESS + Math.floor(index / CLIENTS_PER_ADDRESS)}`)
  const account = new HostileAccount(
    `Vandal ${'abcdefghijklmnopqrstuvwxyz'[index % 26]}${'abcdefghijklmnopqrstuvwxyz'[Math.floor(index / 26)]}`,
    options.matchmaker,
    caller,
  )
  for (let turn = index; !stopping.signal.aborted; turn++) {
    const name = names[turn % names.length] ?? ''
    if (!(await account.signIn())) {
      await pause(1_000, undefined, { signal: stopping.signal }).catch(() => undefined)
      continue
    }
    const field = { account, orchestrator: options.orchestrator, maps: options.maps.split(','), random, signal: stopping.signal }
    const outcome = await attacks[name]?.run(field).catch((error: unknown) => `error: ${error instanceof Error ? error.message.slice(0, 100) : String(error)}`)
    const counts = outcomes[name] ?? {}
    outcomes[name] = counts
    if (outcome !== undefined) counts[outcome] = (counts[outcome] ?? 0) + 1
  }
}
