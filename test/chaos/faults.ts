import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { LocalWorld } from '../../local/world.ts'
import type { Random } from '../../model/random.ts'
import type { FailoverPair } from './failoverPair.ts'
import { secondsUntilWritable } from './failoverRecovery.ts'

/** Pause, in ms. Long enough for a server to be declared lost and to resume afterwards. */
const PAUSE_MS = 5_000

interface Fault {
  name: string
  inject(): Promise<void>
}

/** Injects one fault at a time, and returns its name. Each kind of fault comes once before any kind comes again, in an order drawn at random. */
export class Faults {
  readonly counts: Record<string, number> = {}
  /** For each failover, the seconds from the moment when the new primary was reachable until every process wrote to it. */
  readonly failoverSeconds: { what: string; seconds: number }[] = []
  readonly #random: Random
  readonly #kinds: readonly Fault[]
  #left: Fault[] = []

  /** `only` selects the faults whose name contains this text; all when empty. */
  constructor(world: LocalWorld, pairs: { redis: FailoverPair; postgres: FailoverPair }, random: Random, only = '') {
    this.#random = random
    const child = (name: string) => () => [world.children.find((one) => one.name === name)?.pid]
    const ofProcesses = (what: string, pids: () => readonly (number | undefined)[], group = 1): Fault[] => [
      { name: `${what}: kill`, inject: async () => void this.#choose(pids(), (pid) => signal(pid * group, 'SIGKILL')) },
      { name: `${what}: pause`, inject: async () => void (await this.#choose(pids(), (pid) => pause(pid * group))) },
    ]
    // Database servers lead process groups, which are signalled as a whole: a negative pid.
    const ofPair = (what: string, pair: FailoverPair): Fault[] => [
      ...ofProcesses(what, () => [pair.pid], -1),
      {
        name: `${what}: failover`,
        inject: async () => {
          await pair.failOver()
          const seconds = await secondsUntilWritable(world, pairs.redis.url)
          this.failoverSeconds.push({ what, seconds })
        },
      },
    ]
    const all = [
      ...ofProcesses('game server', () => world.host.servers().map(({ pid }) => pid)),
      ...ofProcesses('matchmaker', child('matchmaker')),
      ...ofProcesses('orchestrator', child('orchestrator')),
      ...ofPair('Redis', pairs.redis),
      { name: 'Redis: empty', inject: () => empty(pairs.redis.url) },
      ...ofPair('PostgreSQL', pairs.postgres),
    ]
    this.#kinds = all.filter(({ name }) => name.includes(only))
    if (this.#kinds.length === 0) throw new Error(`no fault contains "${only}"; there are ${all.map(({ name }) => name).join(', ')}`)
  }

  async next(): Promise<string> {
    if (this.#left.length === 0) this.#left = [...this.#kinds]
    const [fault] = this.#left.splice(Math.floor(this.#random() * this.#left.length), 1)
    if (fault === undefined) throw new Error('there are no faults to choose from')
    const { name } = fault
    await fault.inject()
    this.counts[name] = (this.counts[name] ?? 0) + 1
    return name
  }

  /** Calls `act` with one of the processes that run. */
  #choose<T>(pids: readonly (number | undefined)[], act: (pid: number) => T): T | undefined {
    const running = pids.filter((pid) => pid !== undefined)
    const pid = running[Math.floor(this.#random() * running.length)]
    return pid === undefined ? undefined : act(pid)
  }
}

async function empty(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, connectTimeout: 2_000, commandTimeout: 2_000 })
  redis.on('error', () => undefined)
  await redis.flushall().catch(() => undefined)
  redis.disconnect()
}

async function pause(pid: number): Promise<void> {
  signal(pid, 'SIGSTOP')
  await sleep(PAUSE_MS)
  signal(pid, 'SIGCONT')
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // The process has just exited.
  }
}
