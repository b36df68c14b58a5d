import { randomBytes } from 'node:crypto'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CensusReplica } from '../directory/censusReplica.ts'
import { accessFile } from '../directory/redis/access.ts'
import { RedisDirectory } from '../directory/redis/redisDirectory.ts'
import { type ProcessKind, roles } from '../model/access/process.ts'
import { defined } from '../model/defined.ts'
import { gameFolder, ownScript } from '../service/installation.ts'
import { ensureKeyPair } from '../service/keys/keys.ts'
import type { Logger } from '../service/log.ts'
import { PolicyFolder } from '../service/policyFolder.ts'
import { migrate } from '../store/database/migrate.ts'
import { LocalFleetHost } from './agones/localFleetHost.ts'
import { Child } from './child.ts'
import { ensureConsoleAccount } from './console.ts'
import type { StartOptions } from './options.ts'
import { PRODUCTION_MATCHMAKERS, type Production, productionSettings } from './production.ts'
import { choosePort } from './services/ports.ts'
import { startPostgres } from './services/postgres.ts'
import { startRedis } from './services/redis.ts'
import { roleUrl } from './services/roleUrl.ts'
import { type SupervisedService, supervised } from './services/supervised.ts'

/** Connections to PostgreSQL per game server. There are few servers here, and on a slow disk each statement blocks its connection. */
const LOCAL_DATABASE_POOL = 12
/** Limits per address. They are high, because all players of a local world share one address. */
const LOCAL_PER_ADDRESS = { connections: 100_000, requestsPerSecond: 100_000 }
/** Longest time for a stopping game server to move its players away, in ms. Short, because all servers stop together. */
const LOCAL_DRAIN_DEADLINE_MS = 2_000
/** Longest time for a process to become ready, and for the first copies to open, in ms. */
const READY_TIMEOUT_MS = 60_000
/** Length of a generated operator token, in bytes: 128 bits cannot be guessed. */
const OPERATOR_TOKEN_BYTES = 16
/** Length of the password of a role, in bytes. */
const ROLE_PASSWORD_BYTES = 16
/** Pause between two readiness checks, in ms. */
const READY_POLL_MS = 100

export interface LocalWorld extends AsyncDisposable {
  /** The first matchmaker. */
  matchmakerUrl: string
  /** All matchmakers: several in production. */
  matchmakerUrls: string[]
  orchestratorUrl: string
  /** Token of the operators' routes: OPERATOR_TOKEN, else a new one at each start. */
  operatorToken: string
  /** Password of the console's account `admin`, when this start made it. */
  consolePassword: string | undefined
  replica: CensusReplica
  policies: PolicyFolder
  host: LocalFleetHost
  children: Child[]
  services: { postgres: SupervisedService; redis: SupervisedService }
  /** The studio's identity provider; undefined with the development login. */
  production: Production | undefined
}

export interface WorldOptions extends StartOptions {
  /** Uses these databases and starts none. The world stops them. */
  services?: LocalWorld['services']
}

/** Gets one line for each step of the start. */
export type Step = (what: string) => void

/** Starts everything except the bots, in order of dependency. Disposal stops everything in reverse order. */
export async function startWorld(options: WorldOptions, step: Step, log: Logger, stopping: AbortSignal): Promise<LocalWorld> {
  const state = resolve(options.state)
  const policyFolder = resolve(options.policies)
  await using stack = new AsyncDisposableStack()
  step('reading policies')
  const policies = stack.use(await PolicyFolder.open(policyFolder, log))
  const matchmakerPort = await choosePort(options.matchmakerPort, '--matchmaker-port PORT (0: any free port)')
  const orchestratorPort = await choosePort(options.orchestratorPort, '--orchestrator-port PORT (0: any free port)')
  const [matchmakerUrl, orchestratorUrl] = [`http://127.0.0.1:${matchmakerPort}`, `http://127.0.0.1:${orchestratorPort}`]
  const production = options.production === true ? await productionSettings(state, options.tokenSeconds, orchestratorUrl) : undefined
  const keys = await ensureKeys(state)
  step('starting PostgreSQL')
  const postgres = stack.use(
    options.services?.postgres ??
      (await supervised('PostgreSQL', (port = options.postgresPort) => startPostgres({ folder: join(state, 'postgres'), ...defined({ port }) }), log)),
  )
  const passwords = rolePasswords()
  await migrate(postgres.url, passwords)
  const consolePassword = await ensureConsoleAccount(postgres.url)
  step('starting Redis')
  const url = process.env['REDIS_URL']
  const prefix = process.env['REDIS_PREFIX'] || 'strata:'
  const redis = stack.use(
    options.services?.redis ??
      (await supervised(
        'Redis',
        (port = options.redisPort) =>
          startRedis({ url, folder: join(state, 'redis'), notice: step, users: accessFile(prefix, passwords), ...defined({ port }) }),
        log,
      )),
  )
  stopping.throwIfAborted()
  const operatorToken = process.env['OPERATOR_TOKEN'] || randomBytes(OPERATOR_TOKEN_BYTES).toString('hex')
  step('starting game servers, orchestrator and matchmaker')
  const perAddress = options.perAddress ?? LOCAL_PER_ADDRESS
  const addressLimits = { CONNECTIONS_PER_ADDRESS: String(perAddress.connections), REQUESTS_PER_ADDRESS: String(perAddress.requestsPerSecond) }
  // A Redis that Strata did not start knows no roles.
  const hasRoles = url === undefined && options.services === undefined
  /** Every process has the rights that it has in production, so that each local run shows that they suffice. */
  const connections = (process: ProcessKind) => ({
    DATABASE_URL: roleUrl(postgres.socketUrl, roles[process], passwords[process]),
    REDIS_URL: hasRoles ? roleUrl(redis.socketUrl, roles[process], passwords[process]) : redis.socketUrl,
  })
  const env = {
    REDIS_PREFIX: prefix,
    STRATA_POLICIES: policyFolder,
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
    HOST: '127.0.0.1',
    // Compiling is half of a process's start-up time. Without the cache, a new game server takes that CPU time from those that run.
    NODE_COMPILE_CACHE: join(state, 'compiled'),
    ...traceSettings(),
  }
  const placementCode: Record<string, string> = options.placementCode === undefined ? {} : { PLACEMENT_CODE: resolve(options.placementCode) }
  const host = stack.use(
    await LocalFleetHost.start({
      folder: policyFolder,
      root: gameFolder,
      state,
      // Game servers verify tickets and must not be able to sign them (rule S5).
      env: {
        ...env,
        ...connections('gameserver'),
        STRATA_KEYS: keys.publicOnly,
        DRAIN_DEADLINE_MS: String(LOCAL_DRAIN_DEADLINE_MS),
        DATABASE_POOL: String(LOCAL_DATABASE_POOL),
        ...addressLimits,
      },
      log,
    }),
  )
  const child = (name: string, script: string, more: Record<string, string>): Child =>
    new Child({ name, command: [ownScript(script)], root: gameFolder, env: { ...env, ...more }, logFile: join(state, 'log', `${name}.log`), log })
  const fleets = { STRATA_FLEETS_URL: host.url, STRATA_FLEETS_TOKEN: host.token }
  const orchestrator = stack.use(
    child('orchestrator', 'orchestrator/main', {
      ...connections('orchestrator'),
      STRATA_KEYS: keys.all,
      PORT: String(orchestratorPort),
      ...fleets,
      OPERATOR_TOKEN: operatorToken,
      CONSOLE_URL: orchestratorUrl,
      CONSOLE_MATCHMAKER_URL: matchmakerUrl,
      ...placementCode,
      ...production?.orchestratorEnv,
    }),
  )
  const provider = production && stack.use(child('identityProvider', 'local/identityProvider/main', production.providerEnv))
  if (production !== undefined) await ready(`${production.openId.issuer}/.well-known/openid-configuration`, 'identityProvider', state, stopping)
  const matchmakerPorts = [matchmakerPort]
  while (production !== undefined && matchmakerPorts.length < PRODUCTION_MATCHMAKERS) matchmakerPorts.push(await choosePort(undefined, 'another start'))
  const matchmakers = matchmakerPorts.map((port, index) =>
    stack.use(
      child(index === 0 ? 'matchmaker' : `matchmaker-${index + 1}`, 'matchmaker/main', {
        ...connections('matchmaker'),
        STRATA_KEYS: keys.all,
        PORT: String(port),
        OPERATOR_TOKEN: operatorToken,
        REQUESTS_PER_ADDRESS: addressLimits.REQUESTS_PER_ADDRESS,
        ...placementCode,
        ...(production?.matchmakerEnv ?? { DEV_LOGIN: 'true' }),
      }),
    ),
  )
  const directory = stack.use(await RedisDirectory.connect(redis.socketUrl, { prefix }))
  const replica = stack.use(await CensusReplica.follow(directory, { now: Date.now }))
  const matchmakerUrls = matchmakerPorts.map((port) => `http://127.0.0.1:${port}`)
  await Promise.all([
    ...matchmakerUrls.map((url, index) => ready(`${url}/readyz`, matchmakers[index]?.name ?? '', state, stopping)),
    ready(`${orchestratorUrl}/readyz`, 'orchestrator', state, stopping),
  ])
  step('opening the first copy of each map')
  await untilOpen(replica, policies, stopping)
  await writeEndpoints(join(state, 'endpoints.json'), { matchmaker: matchmakerUrl, orchestrator: orchestratorUrl, database: postgres.url, operatorToken })
  const disposing = stack.move()
  return {
    matchmakerUrl,
    matchmakerUrls,
    orchestratorUrl,
    operatorToken,
    consolePassword,
    production,
    replica,
    policies,
    host,
    children: [orchestrator, ...matchmakers, ...(provider === undefined ? [] : [provider])],
    services: { postgres, redis },
    [Symbol.asyncDispose]: () => disposing.disposeAsync(),
  }
}

/** The standard variables of OpenTelemetry, so that a local world exports its traces, too. */
function traceSettings(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) => (name.startsWith('OTEL_') && value !== undefined ? [[name, value] as const] : []))
  return Object.fromEntries(entries)
}

/** New at each start: nobody needs to know them. */
function rolePasswords(): Record<ProcessKind, string> {
  const make = (): string => randomBytes(ROLE_PASSWORD_BYTES).toString('hex')
  return { gameserver: make(), matchmaker: make(), orchestrator: make() }
}

/** Writes the addresses and the operator token that the CLI reads. Mode 600, because of the token and the password in the URL of the database. */
async function writeEndpoints(file: string, endpoints: Record<string, string>): Promise<void> {
  await rm(file, { force: true })
  await writeFile(file, `${JSON.stringify(endpoints, undefined, 2)}\n`, { mode: 0o600 })
}

async function ensureKeys(state: string): Promise<{ all: string; publicOnly: string }> {
  const all = join(state, 'keys')
  const publicOnly = join(state, 'keys-public')
  await ensureKeyPair(all, 'ticket')
  await ensureKeyPair(all, 'session')
  await ensureKeyPair(all, 'service')
  await mkdir(publicOnly, { recursive: true })
  await cp(join(all, 'ticket.public.pem'), join(publicOnly, 'ticket.public.pem'))
  return { all, publicOnly }
}

async function ready(url: string, name: string, state: string, stopping: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(READY_TIMEOUT_MS)
  for (;;) {
    stopping.throwIfAborted()
    if (deadline.aborted) throw new Error(`the ${name} was not ready within ${READY_TIMEOUT_MS / 1000} s; see ${join(state, 'log', `${name}.log`)}`)
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    if (answer?.ok === true) return
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
  }
}

async function untilOpen(replica: CensusReplica, policies: PolicyFolder, stopping: AbortSignal): Promise<void> {
  const wanted = [...policies.policies().values()].filter(({ kind, copies }) => kind === 'zone' && copies.min > 0).map(({ map }) => map)
  const deadline = AbortSignal.timeout(READY_TIMEOUT_MS)
  for (;;) {
    stopping.throwIfAborted()
    const { maps } = replica.census()
    const missing = wanted.filter((map) => ![...(maps.get(map)?.copies.values() ?? [])].some(({ copy }) => copy.state === 'open'))
    if (missing.length === 0) return
    if (deadline.aborted)
      throw new Error(`no copy of ${missing.join(', ')} opened within ${READY_TIMEOUT_MS / 1000} s; see the logs of the orchestrator and the game servers`)
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
  }
}
