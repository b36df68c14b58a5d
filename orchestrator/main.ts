import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { z } from 'zod'
import { CensusReplica } from '../directory/censusReplica.ts'
import { RedisDirectory } from '../directory/redis/redisDirectory.ts'
import { DAY_MS } from '../model/clock.ts'
import { defined } from '../model/defined.ts'
import { StrataError } from '../model/errors.ts'
import { databaseSettings, port, readEnvironment, redisSettings, url } from '../service/environment.ts'
import { readPrivateKey } from '../service/keys/keys.ts'
import { PublicKeys } from '../service/keys/publicKeys.ts'
import { inCluster } from '../service/kubernetes/cluster.ts'
import { createLogger } from '../service/log.ts'
import { startTracing, tracingSettings } from '../service/observe/tracing.ts'
import { placementSettings } from '../service/placementCode.ts'
import { runService } from '../service/run.ts'
import { createStore } from '../store/postgresStore.ts'
import { consoleSettings, openIdSettings } from './access/consoleSettings.ts'
import type { MatchmakerAccess } from './access/forward.ts'
import { plan } from './plan/plan.ts'
import { kubernetesPlatform, kubernetesSettings } from './platform/kubernetes.ts'
import { localPlatform, localSettings } from './platform/local.ts'
import { startOrchestrator } from './start.ts'

const log = createLogger('orchestrator')
const clock = { now: Date.now }

const platformSetting = z.object({
  /** Where game servers run: `agones` or `local`. Default: `agones` in a pod, else `local`. */
  STRATA_FLEETS: z.enum(['agones', 'local']).default(inCluster ? 'agones' : 'local'),
})
const { STRATA_FLEETS } = readEnvironment(platformSetting)
const settings = z.object({
  /** Address that the process listens on. */
  HOST: z.string().default('127.0.0.1'),
  /** Port of the admin API; 0 takes any free port. */
  PORT: port.default(7101),
  ...databaseSettings,
  /** PostgreSQL without the pooler, for the lead of the orchestrators, which is a lock of a session. Needed with `DATABASE_POOLER=transaction`. */
  DATABASE_DIRECT_URL: url.optional(),
  ...redisSettings,
  ...tracingSettings,
  ...placementSettings,
  /** Folder with the private key of tickets and the public keys of service tokens. */
  STRATA_KEYS: z.string({ message: 'is required: the folder of the ticket key' }),
  /** Token of the admin API. Without it only service tokens with the scope `operator` are accepted. */
  OPERATOR_TOKEN: z.string().min(1).optional(),
  /** Whether the leader records who is on which map, under pseudonyms: `on` or `off`. See docs/how-to/privacy.md. */
  RECORDING: z.enum(['on', 'off']).default('on'),
  /** Days for which the recording is kept, at most 90. */
  RECORDING_KEEP_DAYS: z.coerce.number().min(0).max(90).default(7),
})

/** Reads all settings before anything connects, so that one error lists every missing setting. */
function platform() {
  if (STRATA_FLEETS === 'local') {
    const all = readEnvironment(settings.extend({ ...consoleSettings.shape, ...localSettings.shape }))
    return { all, connect: () => localPlatform(all, log) }
  }
  const all = readEnvironment(settings.extend({ ...consoleSettings.shape, ...kubernetesSettings.shape }))
  return { all, connect: () => kubernetesPlatform(all, all.HOST, clock, log) }
}
const { all: environment, connect } = platform()

function matchmaker({ CONSOLE_MATCHMAKER_URL, OPERATOR_TOKEN }: typeof environment): MatchmakerAccess | undefined {
  if (CONSOLE_MATCHMAKER_URL === undefined || OPERATOR_TOKEN === undefined) return undefined
  return { url: CONSOLE_MATCHMAKER_URL.replace(/\/+$/, ''), operatorToken: OPERATOR_TOKEN }
}

await runService(log, async () => {
  // Disposed in reverse order: the orchestrator releases the lead first, and its connections close last.
  await using starting = new AsyncDisposableStack()
  starting.use(await startTracing('orchestrator', environment, log))
  const ticketKey = await readPrivateKey(environment.STRATA_KEYS, 'ticket')
  const serviceKeys = starting.use(await PublicKeys.open({ folder: environment.STRATA_KEYS, name: 'service', missing: 'allowed', log }))
  const here = starting.use(await connect())
  const { DATABASE_URL: databaseUrl, DATABASE_DIRECT_URL: directUrl, DATABASE_POOLER: pooler } = environment
  if (pooler === 'transaction' && directUrl === undefined) {
    const problem = 'the lead of the orchestrators is a lock of a session: with DATABASE_POOLER=transaction set it to the address of PostgreSQL itself'
    throw new StrataError('SETTING_INVALID', { setting: 'DATABASE_DIRECT_URL', problem })
  }
  const store = starting.use(await createStore(defined({ url: databaseUrl, pooler, directUrl, log })))
  const directory = starting.use(
    await RedisDirectory.connect(environment.REDIS_URL, { prefix: environment.REDIS_PREFIX, waitReplicas: environment.REDIS_WAIT_REPLICAS }),
  )
  const replica = starting.use(await CensusReplica.follow(directory, clock))
  const orchestrator = starting.use(
    await startOrchestrator({
      ...here,
      directory,
      store,
      replica,
      plan,
      ticketKey,
      newId: randomUUID,
      clock,
      log,
      host: environment.HOST,
      port: environment.PORT,
      adminToken: environment.OPERATOR_TOKEN,
      placementCode: environment.PLACEMENT_CODE,
      console: defined({
        folder: resolve(import.meta.dirname, '../console/dist'),
        secure: environment.CONSOLE_URL?.startsWith('https:') ?? false,
        openId: openIdSettings(environment),
        matchmaker: matchmaker(environment),
        day: environment.CONSOLE_DAY,
      }),
      recording: { on: environment.RECORDING === 'on', keepMs: environment.RECORDING_KEEP_DAYS * DAY_MS },
      serviceKeys: () => serviceKeys.keys,
    }),
  )
  log.info({ url: orchestrator.url }, 'serving')
  return starting.move()
})
