import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { LocalWorld } from '../../local/world.ts'
import type { Random } from '../../model/random.ts'

/** Pause, in ms. Long enough for a server to be declared lost and to resume afterwards. */
const PAUSE_MS = 5_000

type Act = 'kill' | 'pause' | 'empty'
interface Target {
  what: string
  acts: readonly Act[]
  /** Process ids to choose from. */
  pids: () => readonly (number | undefined)[]
  /** Whether the process leads a process group that is signalled as a whole. */
  group: boolean
}

/** Injects one fault at a time, drawn uniformly over the kinds of processes, and returns its name. */
export class Faults {
  readonly counts: Record<string, number> = {}
  readonly #targets: readonly Target[]
  readonly #random: Random
  readonly #redisUrl: string

  constructor(world: LocalWorld, random: Random) {
    const child = (name: string) => () => [world.children.find((one) => one.name === name)?.pid]
    this.#random = random
    this.#redisUrl = world.services.redis.url
    this.#targets = [
      { what: 'game server', acts: ['kill', 'pause'], pids: () => world.host.servers().map(({ pid }) => pid), group: false },
      { what: 'matchmaker', acts: ['kill', 'pause'], pids: child('matchmaker'), group: false },
      { what: 'orchestrator', acts: ['kill', 'pause'], pids: child('orchestrator'), group: false },
      { what: 'Redis', acts: ['kill', 'pause', 'empty'], pids: () => [world.services.redis.pid], group: true },
      { what: 'PostgreSQL', acts: ['kill', 'pause'], pids: () => [world.services.postgres.pid], group: true },
    ]
  }

  async next(): Promise<string> {
    const target = this.#pick(this.#targets)
    const act = this.#pick(target.acts)
    const name = `${target.what}: ${act}`
    this.counts[name] = (this.counts[name] ?? 0) + 1
    if (act === 'empty') {
      const redis = new Redis(this.#redisUrl, { maxRetriesPerRequest: 1, connectTimeout: 2_000, commandTimeout: 2_000 })
      redis.on('error', () => undefined)
      await redis.flushall().catch(() => undefined)
      redis.disconnect()
      return name
    }
    const pids = target.pids().filter((pid) => pid !== undefined)
    if (pids.length === 0) return `${name} (it is not running)`
    const pid = this.#pick(pids) * (target.group ? -1 : 1)
    if (act === 'kill') signal(pid, 'SIGKILL')
    else {
      signal(pid, 'SIGSTOP')
      await sleep(PAUSE_MS)
      signal(pid, 'SIGCONT')
    }
    return name
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.#random() * from.length)]
    if (picked === undefined) throw new Error('there are no faults to choose from')
    return picked
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // The process has just exited.
  }
}
