import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { LocalFleetHost } from '../../local/agones/localFleetHost.ts'
import { startPostgres } from '../../local/services/postgres.ts'
import { startRedis } from '../../local/services/redis.ts'
import { roleUrl } from '../../local/services/roleUrl.ts'
import { type ProcessKind, roles } from '../../model/access/process.ts'
import { ensureKeyPair } from '../../service/keys/keys.ts'
import { until } from '../cluster/world/until.ts'
import { Deployment } from './deployment.ts'

const execute = promisify(execFile)
const PREFIX = 'strata:'
const PASSWORD = 'of-the-upgrade-test'
const passwords = { GAMESERVER_PASSWORD: PASSWORD, MATCHMAKER_PASSWORD: PASSWORD, ORCHESTRATOR_PASSWORD: PASSWORD }
/** Longest time for the old servers to be left by all players, in ms. */
const ROLLED_MS = 120_000
/** Longest time for a command of the CLI, in ms. */
const COMMAND_MS = 60_000
/** All players and services of the test share one address. */
const addressLimits = { CONNECTIONS_PER_ADDRESS: '100000', REQUESTS_PER_ADDRESS: '100000' }

/** The code of this checkout. */
export const thisRelease = resolve(import.meta.dirname, '../..')

/** A world of processes that can run different releases: PostgreSQL, Redis, two matchmakers, two orchestrators, and the local stand-in of Agones. */
export interface UpgradeWorld extends AsyncDisposable {
  /** Files of this world. */
  folder: string
  databaseUrl: string
  matchmakers: Deployment
  orchestrators: Deployment
  /** Applies the migrations, and the rights in PostgreSQL and Redis, of the release in this folder. */
  migrate(release: string): Promise<void>
  /** Replaces all game servers by those of the release in this folder, and waits until the old ones have ended. Throws SERVICE_NOT_STARTED. */
  renewServers(release: string): Promise<void>
  /** Errors in the logs of all processes, without repetitions. */
  loggedErrors(): Promise<string[]>
}

/** Starts everything from the code in `release`, with the policies and fleets of that release. */
export async function startUpgradeWorld(release: string): Promise<UpgradeWorld> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'strata-upgrade-'))
  if (process.env['KEEP_LOGS'] === undefined) stack.defer(() => rm(folder, { recursive: true, force: true }))
  const logs = join(folder, 'log')
  await mkdir(logs)
  const log = pino({ level: 'info' }, pino.destination({ dest: join(folder, 'supervisor.log'), sync: true }))
  const policies = join(folder, 'policies')
  await cp(join(release, 'fleets'), policies, { recursive: true })
  const keys = await makeKeys(folder)
  const postgres = stack.use(await startPostgres({ folder: join(folder, 'postgres') }))
  const redis = stack.use(await startRedis({ folder: join(folder, 'redis'), users: await command(release, ['redis-users', '--prefix', PREFIX]) }))

  const migrate = async (from: string): Promise<void> => {
    await command(from, ['migrate'], { DATABASE_URL: postgres.url })
    await setUsers(redis.url, await command(from, ['redis-users', '--prefix', PREFIX]))
  }
  await migrate(release)

  const connections = (kind: ProcessKind): Record<string, string> => ({
    DATABASE_URL: roleUrl(postgres.url, roles[kind], PASSWORD),
    REDIS_URL: roleUrl(redis.url, roles[kind], PASSWORD),
  })
  const env = { REDIS_PREFIX: PREFIX, STRATA_POLICIES: policies, LOG_LEVEL: 'info', HOST: '127.0.0.1', NODE_COMPILE_CACHE: join(folder, 'compiled') }
  const serverEnv = { ...env, ...connections('gameserver'), STRATA_KEYS: keys.publicOnly, DRAIN_DEADLINE_MS: '2000', DATABASE_POOL: '12', ...addressLimits }
  const host = stack.use(await LocalFleetHost.start({ folder: policies, root: release, state: folder, env: serverEnv, log }))
  const shared = { replicas: 2, logs, log }
  const orchestratorEnv = { ...env, ...connections('orchestrator'), STRATA_KEYS: keys.all, STRATA_FLEETS_URL: host.url, STRATA_FLEETS_TOKEN: host.token }
  const orchestrators = stack.use(await Deployment.start({ ...shared, script: 'orchestrator/main', env: orchestratorEnv }, release))
  const matchmakerEnv = { ...env, ...connections('matchmaker'), STRATA_KEYS: keys.all, DEV_LOGIN: 'true', ...addressLimits }
  const matchmakers = stack.use(await Deployment.start({ ...shared, script: 'matchmaker/main', env: matchmakerEnv }, release))

  const disposing = stack.move()
  return {
    folder,
    databaseUrl: postgres.url,
    matchmakers,
    orchestrators,
    migrate,
    async renewServers(to) {
      const old = new Set(host.servers().map(({ id }) => id))
      await host.renew(to)
      await until('the old game servers have ended', () => !host.servers().some(({ id }) => old.has(id)), ROLLED_MS)
    },
    loggedErrors: () => errorsIn(logs),
    [Symbol.asyncDispose]: () => disposing.disposeAsync(),
  }
}

/** Game servers verify tickets and cannot sign them (rule S5). */
async function makeKeys(folder: string): Promise<{ all: string; publicOnly: string }> {
  const [all, publicOnly] = [join(folder, 'keys'), join(folder, 'keys-public')]
  for (const name of ['ticket', 'session', 'service'] as const) await ensureKeyPair(all, name)
  await mkdir(publicOnly)
  await cp(join(all, 'ticket.public.pem'), join(publicOnly, 'ticket.public.pem'))
  return { all, publicOnly }
}

/** Runs `strata` of a release and returns what it prints. */
async function command(release: string, args: string[], environment: Record<string, string> = {}): Promise<string> {
  const env = { ...process.env, ...passwords, ...environment }
  const { stdout } = await execute(process.execPath, [join(release, 'cli/strata.ts'), ...args], { cwd: release, env, timeout: COMMAND_MS })
  return stdout
}

/** Gives the users of a running Redis these rights. */
async function setUsers(url: string, lines: string): Promise<void> {
  const redis = new Redis(url)
  for (const line of lines.trim().split('\n')) {
    const [, name = '', ...rules] = line.split(' ')
    await redis.call('ACL', 'SETUSER', name, ...rules)
  }
  redis.disconnect()
}

/** pino's number of the level `error`. */
const ERROR = 50

async function errorsIn(folder: string): Promise<string[]> {
  const found = new Map<string, number>()
  for (const file of await readdir(folder)) {
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n')
    for (const line of lines) {
      const kind = file.split('-')[0]
      // What is no JSON was printed by Node, for example an error that nobody caught.
      const entry = line.startsWith('{') ? (JSON.parse(line) as { level: number; msg: string; err?: { message: string } }) : { level: ERROR, msg: line }
      if (entry.level < ERROR || line.trim() === '') continue
      const text = `${kind}: ${entry.msg}${'err' in entry ? ` (${entry.err?.message})` : ''}`
      found.set(text, (found.get(text) ?? 0) + 1)
    }
  }
  return [...found].map(([text, times]) => `${times} × ${text}`)
}
