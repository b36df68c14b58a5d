import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { CryptoKey } from 'jose'
import { pino } from 'pino'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { LocalFleetHost } from '../../local/agones/localFleetHost.ts'
import { defined } from '../../model/defined.ts'
import { gameFolder } from '../../service/installation.ts'
import { ensureKeyPair, readPrivateKey } from '../../service/keys/keys.ts'
import { createStore, type PostgresStore } from '../../store/postgresStore.ts'
import { startServices } from './services.ts'

const READY_POLL_MS = 100

/** A Redis and a PostgreSQL of their own, for benches that take the place of orchestrator and matchmaker. */
export interface Stores {
  /** Files of the processes. */
  folder: string
  store: PostgresStore
  directory: RedisDirectory
  /** Signs tickets. */
  key: CryptoKey
  /** Settings of the game servers. */
  env: Record<string, string>
}

export async function startStores(stack: AsyncDisposableStack): Promise<Stores> {
  const { folder, redisUrl, databaseUrl } = await startServices(stack)
  const store = stack.use(await createStore({ url: databaseUrl }))
  const directory = stack.use(await RedisDirectory.connect(redisUrl))
  const keys = join(folder, 'keys')
  await ensureKeyPair(keys, 'ticket')
  const env = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    STRATA_KEYS: keys,
    LOG_LEVEL: 'warn',
    DRAIN_DEADLINE_MS: '0',
    CONNECTIONS_PER_ADDRESS: '100000',
    REQUESTS_PER_ADDRESS: '100000',
  }
  return { folder, store, directory, key: await readPrivateKey(keys, 'ticket'), env }
}

export interface ServerFleet {
  name: string
  /** The script of each server, relative to the project. */
  script: string
  servers: number
  /** Copies that one server hosts. */
  rooms: number
  /** Folder for a CPU profile of each server. */
  profile: string | undefined
  /** Longest time for the servers to become ready, in ms. */
  withinMs: number
}

/** Starts game-server processes and waits until all are ready. */
export async function startServers(
  stack: AsyncDisposableStack,
  { folder, env }: Stores,
  { name, script, servers, rooms, profile, withinMs }: ServerFleet,
): Promise<LocalFleetHost> {
  const fleets = join(folder, 'fleets')
  await mkdir(fleets)
  const annotations = { 'strata.dev/local-command': script, 'strata.dev/local-max': String(servers) }
  const spec = { ports: [{ name: 'ws' }], counters: { rooms: { capacity: rooms }, players: { capacity: 10_000 } } }
  const fleet = { apiVersion: 'agones.dev/v1', kind: 'Fleet', metadata: { name }, spec: { replicas: servers, template: { metadata: { annotations }, spec } } }
  // JSON is YAML, too.
  await writeFile(join(fleets, `${name}.fleet.yaml`), JSON.stringify(fleet))
  const settings = { ...env, ...defined({ NODE_OPTIONS: profile === undefined ? undefined : `--cpu-prof --cpu-prof-dir=${profile}` }) }
  const host = stack.use(await LocalFleetHost.start({ folder: fleets, root: gameFolder, state: folder, env: settings, log: pino({ level: 'silent' }) }))
  await until('the servers are ready', withinMs, async () => host.servers().filter(({ state }) => state === 'Ready').length === servers)
  return host
}

/** Looks again and again. Throws when it is not so within `withinMs`. */
export async function until(what: string, withinMs: number, look: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + withinMs; !(await look()); await pause(READY_POLL_MS))
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`)
}
