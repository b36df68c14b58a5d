import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { pino } from 'pino'
import { stopSignal, stopWithParent } from '../../local/services/stopSignal.ts'
import { projectRoot, startWorld } from '../../local/world.ts'
import { seededRandom } from '../../model/random.ts'
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
  .option('--report <file>', 'write the result to this file as JSON')
  .option('--state <dir>', 'keep data and logs in this folder instead of a temporary one')
  .parse()
  .opts<{ minutes: number; bots: number; seed: number; only: string; report?: string; state?: string }>()

const notify = (line: string): boolean => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${line}\n`)
stopWithParent()
const stopping = stopSignal()

process.exitCode = await run()
process.exit()

async function run(): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const state = options.state ?? (await mkdtemp(join(tmpdir(), 'strata-chaos-')))
  if (options.state === undefined) stack.defer(() => rm(state, { recursive: true, force: true }))
  const start = { bots: 0, speed: 1, scale: 1, seed: options.seed, fresh: true, view: false, state, policies: 'fleets', matchmakerPort: 0, orchestratorPort: 0 }
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

  const random = seededRandom(options.seed)
  const faults = new Faults(world, { redis, postgres }, random, options.only)
  const until = Date.now() + options.minutes * 60_000
  while (Date.now() < until && !stopping.aborted) {
    notify(await faults.next())
    const [least, most] = FAULT_EVERY_MS
    await sleep(least + random() * (most - least), undefined, { signal: stopping }).catch(() => undefined)
  }
  notify('no more faults')
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
  }
  const text = `${JSON.stringify(report, undefined, 2)}\n`
  process.stdout.write(text)
  if (options.report !== undefined) await writeFile(resolve(options.report), text)
  const { lostItems, duplicatedItems, moneyDifference, doublePresence, lockedOut, recoveryP99Seconds } = verdict
  const backInTime = Math.max(recoveryP99Seconds, report.failoverMaxSeconds) <= BACK_WITHIN_S
  return lostItems + duplicatedItems + moneyDifference + doublePresence + lockedOut === 0 && backInTime ? 0 : 1
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
    cwd: projectRoot,
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
