import { readdir, readFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { LocalWorld } from '../../local/world.ts'
import { type Report, rounded } from '../report.ts'
import { say } from '../world/localWorld.ts'

/** What may grow, by name, at one moment. */
export type Sample = Record<string, number>

const MB = 2 ** 20
const HOUR_MS = 3_600_000
/** Share of a run that is not counted: caches fill, and the optimising compiler works. */
const WARM_UP_SHARE = 1 / 3

/** Measures memory, heap and open files of each process, the queue of decisions, the bytes of Redis, and the rows of each table. */
export class Growth implements AsyncDisposable {
  readonly samples: { at: number; sample: Sample }[] = []
  readonly #world: LocalWorld
  readonly #redis: Redis
  readonly #database: pg.Client

  private constructor(world: LocalWorld, redis: Redis, database: pg.Client) {
    this.#world = world
    this.#redis = redis
    this.#database = database
  }

  static async of(world: LocalWorld): Promise<Growth> {
    const database = new pg.Client({ connectionString: world.services.postgres.url })
    await database.connect()
    database.on('error', () => undefined)
    return new Growth(world, new Redis(world.services.redis.url), database)
  }

  /** Takes a sample and prints it as one line. */
  async take(): Promise<void> {
    const { children, host, services, matchmakerUrl, orchestratorUrl } = this.#world
    const sample: Sample = {}
    const pids: [string, number | undefined][] = [
      ...children.map(({ name, pid }): [string, number | undefined] => [name, pid]),
      ...host.servers().map(({ id, pid }): [string, number] => [id, pid]),
      ['Redis', services.redis.pid],
    ]
    for (const [name, pid] of pids) {
      if (pid === undefined) continue
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      sample[`${name} memory MB`] = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
      sample[`${name} open files`] = (await readdir(`/proc/${pid}/fd`).catch(() => [])).length
    }
    for (const [name, url] of [
      ['matchmaker', matchmakerUrl],
      ['orchestrator', orchestratorUrl],
    ] as const) {
      const metrics = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })
        .then((answer) => answer.text())
        .catch(() => '')
      const value = (metric: string): number => Number(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(metrics)?.[1])
      sample[`${name} heap MB`] = value('nodejs_heap_size_used_bytes') / MB
      sample[`${name} event-loop delay p99 ms`] = 1_000 * value('nodejs_eventloop_lag_p99_seconds')
      if (name !== 'matchmaker') continue
      sample['decisions queued'] = value('strata_decisions_queued')
      sample['requests running'] = value('strata_requests_running')
    }
    sample['Redis data MB'] = Number(/used_memory:(\d+)/.exec(await this.#redis.info('memory'))?.[1]) / MB
    sample['Redis keys'] = await this.#redis.dbsize()
    const { rows } = await this.#database.query<{ relname: string; rows: string }>('SELECT relname, n_live_tup AS rows FROM pg_stat_user_tables')
    for (const { relname, rows: count } of rows) sample[`rows of ${relname}`] = Number(count)
    this.samples.push({ at: Date.now(), sample })
    const shown = Object.entries(sample).filter(([name]) => / MB$| ms$|queued|running/.test(name))
    say(`${new Date().toISOString().slice(11, 19)}  ${shown.map(([name, value]) => `${name.replace(/ MB$/, '')} ${value.toFixed(0)}`).join('  ')}`)
  }

  /** For each value: at the end of the warm-up, at the end, and its slope per hour by least squares. Values that are 0 at all times are left out. */
  report(): Report {
    const from = this.samples[0]?.at ?? 0
    const until = this.samples.at(-1)?.at ?? 0
    const counted = this.samples.filter(({ at }) => at >= from + WARM_UP_SHARE * (until - from))
    const names = new Set(counted.flatMap(({ sample }) => Object.keys(sample)))
    const report: Report = {}
    for (const name of names) {
      const points = counted.flatMap(({ at, sample }) => (Number.isFinite(sample[name]) ? [{ x: (at - from) / HOUR_MS, y: sample[name] ?? 0 }] : []))
      const [first, last] = [points[0]?.y ?? 0, points.at(-1)?.y ?? 0]
      if (first === 0 && last === 0) continue
      report[name] = { afterWarmUp: rounded(first, 1), end: rounded(last, 1), perHour: rounded(slope(points), 1) }
    }
    return report
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect()
    await this.#database.end()
  }
}

function slope(points: readonly { x: number; y: number }[]): number {
  const mean = (pick: (point: { x: number; y: number }) => number): number => points.reduce((sum, point) => sum + pick(point), 0) / points.length
  const [mx, my] = [mean(({ x }) => x), mean(({ y }) => y)]
  const spread = points.reduce((sum, { x }) => sum + (x - mx) ** 2, 0)
  return spread === 0 ? 0 : points.reduce((sum, { x, y }) => sum + (x - mx) * (y - my), 0) / spread
}

/** Calls `take` every `everyMs` until `ended` resolves. */
export async function follow(growth: Growth, everyMs: number, ended: Promise<unknown>): Promise<void> {
  const over = ended.then(() => true)
  do await growth.take()
  while (!(await Promise.race([over, new Promise<false>((resolve) => setTimeout(() => resolve(false), everyMs))])))
  await growth.take()
}

export function numberAfter(args: readonly string[], flag: string, otherwise: number): number {
  const at = args.indexOf(flag)
  if (at < 0) return otherwise
  const value = Number(args[at + 1])
  if (!(value > 0)) throw new Error(`${flag} needs a number above 0`)
  return value
}
