import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import type { OpenIdOptions } from '../../gameserver/demo/bots/account/openIdSession.ts'
import { Child } from '../../local/child.ts'
import { productionSettings } from '../../local/production.ts'
import { choosePort } from '../../local/services/ports.ts'
import { gameFolder } from '../../service/installation.ts'
import { ensureKeyPair } from '../../service/keys/keys.ts'
import { createStore, type PostgresStore } from '../../store/postgresStore.ts'
import { keepServer, openCopies } from '../world/maps.ts'
import type { Connections } from '../world/matchmaker.ts'
import { startServices } from '../world/services.ts'
import { COPIES, CROWD, DOOR, policyFiles } from './policies.ts'

/** Matchmaker processes. */
const MATCHMAKERS = 2
/** Lifetime of session tokens, in seconds: longer than the bench, which measures first sign-ins. */
const TOKEN_SECONDS = 3_600
/** Longest time for a process to become ready, in ms. */
const READY_TIMEOUT_MS = 60_000
const READY_POLL_MS = 100

/** An identity provider and two matchmakers as processes, with PostgreSQL on disk and Redis; the copies are only in the directory. */
export interface DoorWorld {
  connections: Connections
  openId: OpenIdOptions
  matchmakers: string[]
  directory: RedisDirectory
  store: PostgresStore
}

export async function startDoorWorld(stack: AsyncDisposableStack): Promise<DoorWorld> {
  const services = await startServices(stack)
  const { folder, databaseUrl, redisUrl } = services
  const store = stack.use(await createStore({ url: databaseUrl }))
  const directory = stack.use(await RedisDirectory.connect(redisUrl))
  await keepServer(stack, directory)
  for (const map of [DOOR, CROWD]) await openCopies(directory, map, COPIES)
  for (const name of ['policies', 'keys', 'log']) await mkdir(join(folder, name), { recursive: true })
  for (const { name, text } of policyFiles()) await writeFile(join(folder, 'policies', name), text)
  for (const key of ['ticket', 'session', 'service'] as const) await ensureKeyPair(join(folder, 'keys'), key)

  const { openId, providerEnv, matchmakerEnv } = await productionSettings(folder, TOKEN_SECONDS)
  const process = (name: string, script: string, env: Record<string, string>): Child =>
    new Child({ name, command: [script], root: gameFolder, env, logFile: join(folder, 'log', `${name}.log`), log: pino({ level: 'silent' }) })
  stack.use(process('identityProvider', 'local/identityProvider/main.ts', { ...providerEnv, LOG_LEVEL: 'warn' }))
  const ports: number[] = []
  for (let n = 0; n < MATCHMAKERS; n++) ports.push(await choosePort(undefined, 'another port'))
  for (const [index, port] of ports.entries()) {
    stack.use(
      process(`matchmaker-${index + 1}`, 'matchmaker/main.ts', {
        ...matchmakerEnv,
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        STRATA_KEYS: join(folder, 'keys'),
        STRATA_POLICIES: join(folder, 'policies'),
        PORT: String(port),
        REQUESTS_PER_ADDRESS: '100000',
        LOG_LEVEL: 'warn',
      }),
    )
  }
  const matchmakers = ports.map((port) => `http://127.0.0.1:${port}`)
  await Promise.all([`${openId.issuer}/.well-known/openid-configuration`, ...matchmakers.map((url) => `${url}/readyz`)].map(ready))
  return { connections: services, openId, matchmakers, directory, store }
}

async function ready(url: string): Promise<void> {
  for (const deadline = performance.now() + READY_TIMEOUT_MS; ; await pause(READY_POLL_MS)) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    if (answer?.ok === true) return
    if (performance.now() > deadline) throw new Error(`${url} was not ready within ${READY_TIMEOUT_MS / 1000} s`)
  }
}
