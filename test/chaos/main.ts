import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { pino } from 'pino'
import { stopSignal, stopWithParent } from '../../local/services/stopSignal.ts'
import { startWorld } from '../../local/world.ts'
import { seededRandom } from '../../model/random.ts'
import { gameFolder } from '../../service/installation.ts'
import { createStore } from '../../store/postgresStore.ts'
import { judge } from './auditor.ts'
import { Faults } from './faults.ts'
import { startPostgresPair } from './postgresPair.ts'
import { startRedisPair } from './redisPair.ts'

const COINS = 100
const ITEMS = ['sword', 'shield', 'lantern']
/** Loaded into the process of the bots, so that it exits when this process is killed. */
const orphanGuard = new URL('../../local/services/orphanGuard.ts', import.meta.url).href
/** Longest time for the bots to log in, in ms, and the share of them that is enough: only the players who are online get the gifts that are audited. */
const LOGIN_MS = 90_000
const ENOUGH_ONLINE = 0.9
/** Time after the last fault, in ms, within which every player must be back. */
const RECOVERY_MS = 20_000
/** Longest time until players and processes are back, in seconds. */
const BACK_WITHIN_S = 10
/** Shortest and longest pause between faults, in ms. */
const FAULT_EVERY_MS = [6_000, 14_000] as const

const HOSTILE_CLIENTS = 20
/** Limits per address of a run with hostile clients. The bots share one address, and each server hosts about a hundred of them. */
const PER_ADDRESS = { connections: 400, requestsPerSecond: 200 }
/** Longest gap of the picture in a move that 99 % of the players' moves may have beside hostile clients, in ms. */
const GAP_P99_MS = 250
/** Time after their stop in which the hostile clients report, in ms. */
const HOSTILE_END_MS = 15_000

const count = (text: string): number => {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('write a number')
  return Number(text)
}
const options = new Command('npm run test:chaos --')
  .description('Kills and pauses processes of a running world at random, fails its databases over, empties Redis, then audits players, items and money.')
  .option('--minutes <m>', 'duration of the faults in minutes', count, 3)
  .option('--bots <n>', 'number of players', count, 200)
  .option('--seed <n>', 'seed that decides the faults and their order', count, 1)
  .option('--only <text>', 'inject only the faults whose name contains this text, such as "failover" or "Redis"', '')
  .option('--hostile', `${HOSTILE_CLIENTS} clients attack meanwhile, and the gap of the others' moves has to stay short`, false)
  .option('--report <file>', 'write the result to this file as JSON')
  .option('--state <dir>', 'keep data and logs in this folder instead of a temporary one')
  .parse()
  .opts<{ minutes: number; bots: number; seed: number; only: string; hostile: boolean; report?: string; state?: string }>()

const notify = (line: string): boolean => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${line}\n`)
stopWithParent()
const stopping = stopSignal()

process.exitCode = await run()
process.exit()

async function run(): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const state = options.state ?? (await mkdtemp(join(tmpdir(), 'strata-chaos-')))
  if (options.state === undefined) stack.defer(() => rm(state, { recursive: true, force: true }))
  const start = {
    bots: 0,
    speed: 1,
    scale: 1,
    seed: options.seed,
    fresh: true,
    view: false,
    state,
    policies: 'fleets',
    matchmakerPort: 0,
    orchestratorPort: 0,
    ...(options.hostile ? { perAddress: PER_ADDRESS } : {}),
  }
  const log = pino({ name: 'supervisor' }, pino.destination({ dest: join(state, 'supervisor.log'), mkdir: true, sync: false }))
  notify('starting a primary and a replica of PostgreSQL and of Redis')
  const postgres = stack.use(await startPostgresPair(join(state, 'postgres'), log))
  const redis = stack.use(await startRedisPair(join(state, 'redis'), log))
  const world = stack.use(await startWorld({ ...start, services: { postgres, redis } }, notify, log, stopping))
  const store = stack.use(await createStore({ url: world.services.postgres.url, poolSize: 2, log }))
  const diary = join(state, 'diary.jsonl')
  const botReport = join(state, 'bots.json')
  const bots = startBots(world.matchmakerUrl, diary, botReport, join(state, 'bots.log'))
  stack.defer(() => end(bots))

  let names = new Set<string>()
  for (const until = Date.now() + LOGIN_MS; Date.now() < until && names.size < options.bots * ENOUGH_ONLINE; ) {
    await sleep(1_000, undefined, { signal: stopping })
    const lines = (await readFile(diary, 'utf8').catch(() => '')).split('\n').slice(0, -1)
    names = new Set(lines.map((line) => (JSON.parse(line) as { bot: string }).bot))
  }
  notify(`${names.size} of ${options.bots} players are online; each gets ${COINS} coins and ${ITEMS.length} items`)
  for (const name of names) {
    const found = await store.findCharacter(name)
    if (found === undefined) continue
    await store.economy.grant(
      { actor: found.character, key: `gift-${found.character}` },
      { character: found.character, money: COINS, items: ITEMS, reason: 'starting gift' },
    )
  }

  const hostile = options.hostile ? startHostile(world.matchmakerUrl, world.orchestratorUrl, [...world.policies.policies().keys()]) : undefined
  if (hostile !== undefined) stack.defer(async () => void (await hostile.stop().catch(() => undefined)))
  const random = seededRandom(options.seed)
  const faults = new Faults(world, { redis, postgres }, random, options.only)
  const until = Date.now() + options.minutes * 60_000
  while (Date.now() < until && !stopping.aborted) {
    notify(await faults.next())
    const [least, most] = FAULT_EVERY_MS
    await sleep(least + random() * (most - least), undefined, { signal: stopping }).catch(() => undefined)
  }
  notify('no more faults')
  const attacks = await hostile?.stop()
  await sleep(RECOVERY_MS, undefined, { signal: stopping }).catch(() => undefined)
  const recoveredBy = Date.now()
  await end(bots)
  const verdict = await judge(world.services.postgres.url, diary, recoveredBy)
  const players: unknown = JSON.parse(await readFile(botReport, 'utf8'))
  const report = {
    ...verdict,
    minutes: options.minutes,
    bots: options.bots,
    seed: options.seed,
    faults: faults.counts,
    failovers: faults.failoverSeconds,
    failoverMaxSeconds: Math.max(0, ...faults.failoverSeconds.map(({ seconds }) => seconds)),
    restarts: world.children.reduce((sum, { restarts }) => sum + restarts, 0),
    players,
    ...(attacks === undefined ? {} : { attacks, holes: holesIn(attacks) }),
  }
  const text = `${JSON.stringify(report, undefined, 2)}\n`
  process.stdout.write(text)
  if (options.report !== undefined) await writeFile(resolve(options.report), text)
  if (attacks !== undefined) {
    const gapP99Ms = (players as { gapP99Ms: number }).gapP99Ms // gameserver/demo/bots/botStats.ts writes it
    if (holesIn(attacks).length > 0 || gapP99Ms > GAP_P99_MS) return 1
  }
  const { lostItems, duplicatedItems, moneyDifference, doublePresence, lockedOut, recoveryP99Seconds } = verdict
  const backInTime = Math.max(recoveryP99Seconds, report.failoverMaxSeconds) <= BACK_WITHIN_S
  return lostItems + duplicatedItems + moneyDifference + doublePresence + lockedOut === 0 && backInTime ? 0 : 1
}

type Outcomes = Record<string, Record<string, number>>

/** Starts the hostile clients. `stop` resolves with how often each attack had which outcome. */
function startHostile(matchmaker: string, orchestrator: string, maps: readonly string[]): { stop(): Promise<Outcomes> } {
  const args = ['--matchmaker', matchmaker, '--orchestrator', orchestrator, '--maps', maps.join(','), '--clients', String(HOSTILE_CLIENTS)]
  const child = spawn(process.execPath, ['--import', orphanGuard, 'test/chaos/hostile/main.ts', ...args, '--seed', String(options.seed)], {
    cwd: gameFolder,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => undefined)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const stop = async (): Promise<Outcomes> => {
    const kill = setTimeout(() => child.kill('SIGKILL'), HOSTILE_END_MS)
    await end(child)
    clearTimeout(kill)
    if (output === '') throw new Error('the hostile clients ended without a report')
    return JSON.parse(output) as Outcomes // test/chaos/hostile/main.ts writes it
  }
  let outcomes: Promise<Outcomes> | undefined
  return {
    stop: () => {
      outcomes ??= stop()
      return outcomes
    },
  }
}

/** Outcomes that show a hole, with the attack. */
function holesIn(attacks: Outcomes): string[] {
  return Object.entries(attacks).flatMap(([attack, outcomes]) =>
    Object.entries(outcomes).flatMap(([outcome, times]) => (outcome.startsWith('!') ? [`${attack}: ${outcome.slice(1)} (${times} times)`] : [])),
  )
}

function startBots(matchmaker: string, diary: string, report: string, logFile: string): ChildProcess {
  const args = [
    '--matchmaker',
    matchmaker,
    '--bots',
    String(options.bots),
    '--steady',
    '--trade',
    '--diary',
    diary,
    '--report',
    report,
    '--seed',
    String(options.seed),
  ]
  const child = spawn(process.execPath, ['--import', orphanGuard, 'gameserver/demo/bots/main.ts', ...args], {
    cwd: gameFolder,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  child.stdin?.on('error', () => undefined)
  child.stderr?.on('data', (chunk: Buffer) => void writeFile(logFile, chunk, { flag: 'a' }))
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await closed
}
