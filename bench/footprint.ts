import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { orphanGuard } from '../local/guarded.ts'
import type { LocalWorld } from '../local/world.ts'
import { gameFolder, ownScript } from '../service/installation.ts'
import { numberAfter } from './arguments.ts'
import { coresUsed, readCpuTimes } from './chat/cpuTimes.ts'
import { type Report, rounded } from './report.ts'
import { until } from './world/gameServers.ts'
import { say, startLocalWorld } from './world/localWorld.ts'

export const summary =
  'what players of the demo cost each process: CPU time, memory, log and growth of PostgreSQL, data of Redis; --players N (150), --seconds S (60)'

/** Longest time for all players to enter, in ms. */
const ENTERED_MS = 180_000
/** Time in ms after that before the measurement begins: code is compiled, and the first saves are over. */
const SETTLED_MS = 20_000
const THOUSAND = 1_000
const HOUR_S = 3_600

/** Tables that only grow: placements and other decisions, which are kept for `decisions.keep`, and the ledger. */
const histories = { decisions: ['decisions'], ledger: ['transactions', 'postings', 'item_moves', 'requests'] } as const

/** What grows with the players, at one moment. */
interface Levels {
  serversMb: number
  servers: number
  redisBytes: number
  walBytes: number
  /** Of the tables that keep what happened, with their indexes. */
  historyBytes: Record<keyof typeof histories, number>
}

export async function run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const players = numberAfter(args, '--players') ?? 150
  const seconds = numberAfter(args, '--seconds') ?? 60
  const world = await startLocalWorld(stack, 'fleets')
  const redis = new Redis(world.services.redis.url)
  stack.defer(() => redis.disconnect())
  const database = new pg.Client({ connectionString: world.services.postgres.url, connectionTimeoutMillis: 5_000, query_timeout: 60_000 })
  await database.connect()
  stack.defer(() => database.end())

  const empty = await levels(world, redis, database)
  startPlayers(stack, world.matchmakerUrl, players)
  const seated = (): number =>
    [...world.replica.census().maps.values()].reduce((sum, { copies }) => sum + [...copies.values()].reduce((all, { seats }) => all + seats.size, 0), 0)
  await until(`${players} players in the world`, ENTERED_MS, async () => seated() >= players)
  await pause(SETTLED_MS)
  say(`measuring ${players} players for ${seconds} s`)
  const before = { cpu: await readCpuTimes(pidsOf(world)), levels: await levels(world, redis, database) }
  await pause(seconds * 1_000)
  const after = { cpu: await readCpuTimes(pidsOf(world)), levels: await levels(world, redis, database) }

  const cores = coresUsed(before.cpu, after.cpu)
  const sum = (names: (name: string) => boolean): number => Object.entries(cores).reduce((all, [name, used]) => all + (names(name) ? used : 0), 0)
  const perThousand = (used: number): number => rounded((used / players) * THOUSAND, 3)
  const perPlayerHour = (what: keyof typeof histories): number =>
    Math.round(((after.levels.historyBytes[what] - before.levels.historyBytes[what]) / players / seconds) * HOUR_S)
  const servers = new Set(world.host.servers().map(({ id }) => id))
  return {
    players,
    servers: after.levels.servers,
    copies: [...world.replica.census().maps.values()].reduce((all, { copies }) => all + copies.size, 0),
    coresPerThousand: {
      gameServers: perThousand(sum((name) => servers.has(name as never))),
      matchmaker: perThousand(cores['matchmaker'] ?? 0),
      orchestrator: perThousand(cores['orchestrator'] ?? 0),
      postgres: perThousand(cores['postgres'] ?? 0),
      redis: perThousand(cores['redis'] ?? 0),
    },
    othersCores: rounded(cores['others'] ?? 0),
    emptyServerMb: rounded(empty.serversMb / empty.servers, 0),
    serverMbPerPlayer: rounded((after.levels.serversMb - (empty.serversMb / empty.servers) * after.levels.servers) / players),
    redisBytesPerPlayer: Math.round((after.levels.redisBytes - empty.redisBytes) / players),
    walBytesPerPlayerSecond: Math.round((after.levels.walBytes - before.levels.walBytes) / players / seconds),
    decisionBytesPerPlayerHour: perPlayerHour('decisions'),
    ledgerBytesPerPlayerHour: perPlayerHour('ledger'),
  }
}

function startPlayers(stack: AsyncDisposableStack, matchmaker: string, players: number): void {
  const script = ownScript('gameserver/demo/bots/main')
  const command = ['--import', orphanGuard, script, '--matchmaker', matchmaker, '--bots', String(players), '--steady', '--report', '/dev/null']
  const child = spawn(process.execPath, command, { cwd: gameFolder, stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.on('error', () => undefined)
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    await closed
  })
}

function pidsOf({ children, host, services }: LocalWorld): Record<string, number> {
  const all: [string, number | undefined][] = [
    ...children.map(({ name, pid }): [string, number | undefined] => [name, pid]),
    ...host.servers().map(({ id, pid }): [string, number] => [id, pid]),
    ['postgres', services.postgres.pid],
    ['redis', services.redis.pid],
  ]
  return Object.fromEntries(all.flatMap(([name, pid]) => (pid === undefined ? [] : [[name, pid]])))
}

async function levels({ host }: LocalWorld, redis: Redis, database: pg.Client): Promise<Levels> {
  const servers = host.servers()
  const memory = await Promise.all(
    servers.map(async ({ pid }) => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1] ?? 0) / 1024),
  )
  const numberOf = async (text: string, values: unknown[] = []): Promise<number> =>
    Number((await database.query<{ value: string }>(text, values)).rows[0]?.value)
  const sizeOf = (tables: readonly string[]): Promise<number> =>
    numberOf('SELECT sum(pg_total_relation_size(name::regclass))::text AS value FROM unnest($1::text[]) AS name', [tables])
  return {
    serversMb: memory.reduce((sum, mb) => sum + mb, 0),
    servers: servers.length,
    redisBytes: Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]),
    walBytes: await numberOf(`SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS value`),
    historyBytes: { decisions: await sizeOf(histories.decisions), ledger: await sizeOf(histories.ledger) },
  }
}
