import { z } from 'zod'
import { RedisDirectory } from '../directory/redis/redisDirectory.ts'
import { defined } from '../model/defined.ts'
import { databaseSettings, port, readEnvironment, redisSettings } from '../service/environment.ts'
import { Certificate } from '../service/keys/certificate.ts'
import { PublicKeys } from '../service/keys/publicKeys.ts'
import { createSealKeys } from '../service/keys/sealedTickets.ts'
import { createLogger } from '../service/log.ts'
import { createRegistry } from '../service/metrics.ts'
import { startTracing, tracingSettings } from '../service/observe/tracing.ts'
import { runService } from '../service/run.ts'
import { createServerSecret } from '../store/gameServers.ts'
import { createStore } from '../store/postgresStore.ts'
import { sourceFrom, sourceSettings } from '../store/source/sourceSettings.ts'
import type { CharacterStates } from '../store/states/characterStates.ts'
import { withCharacterStates } from '../store/states/withCharacterStates.ts'
import { connectAgones } from './agones/agones.ts'
import { addressTemplateProblem } from './agones/publicAddress.ts'
import { trustedProxies } from './hosting/door/addressLimits.ts'
import { type GameServerOptions, startGameServer } from './server.ts'
import { Watchdog } from './watchdog/watchdog.ts'
import { readHistory } from './zone/chat/historySetting.ts'
import type { ChatOptions } from './zone/chat/options.ts'
import { GRACE_MS } from './zone/residents/residents.ts'

const settings = z.object({
  /** Address that the process listens on. */
  HOST: z.string().default('127.0.0.1'),
  /** Port that players connect to. */
  PORT: port.default(7777),
  /** Port of health, readiness and metrics. */
  PROBE_PORT: port.default(7778),
  /** `wss` when TLS_FOLDER is set or a proxy in front of this process terminates TLS. */
  PUBLIC_SCHEME: z.enum(['ws', 'wss']).default('ws'),
  /** Address template such as "{node}.play.example.com:{port}". Default: the address and port from Agones (docs/how-to/addresses.md). */
  PUBLIC_ADDRESS: z
    .string()
    .optional()
    .superRefine((template, context) => {
      const problem = template === undefined ? undefined : addressTemplateProblem(template)
      if (problem !== undefined) context.addIssue(problem)
    }),
  /** Open sockets of one address. Players behind one router or carrier share an address. */
  CONNECTIONS_PER_ADDRESS: z.coerce.number().int().min(1).default(256),
  /** HTTP requests and WebSocket handshakes per second of one address; four times as many at once. A join is two. */
  REQUESTS_PER_ADDRESS: z.coerce.number().min(1).default(50),
  /** Addresses and CIDRs of trusted proxies in front of this server, separated by commas: their `x-forwarded-for` gives the client's address. Without it, the peer of a connection is the client. */
  TRUST_PROXY: z
    .string()
    .min(1)
    .optional()
    .superRefine((list, context) => {
      try {
        if (list !== undefined) trustedProxies(list)
      } catch (error) {
        context.addIssue(error instanceof Error ? error.message : String(error))
      }
    }),
  /** Name of the node, for `{node}` in PUBLIC_ADDRESS. */
  NODE_NAME: z.string().optional(),
  /** Region of this server. Default: the label strata.dev/region of the fleet's template. */
  REGION: z.string().min(1).max(63).optional(),
  /** Folder with tls.crt and tls.key. When set, this process terminates TLS. */
  TLS_FOLDER: z.string().optional(),
  ...databaseSettings,
  ...redisSettings,
  ...tracingSettings,
  /** Messages that are kept for characters that enter later, such as "guild=50/3600,custom=20/600": kind, count, age in seconds. */
  CHAT_HISTORY: z.string().default('').transform(readHistory),
  /** Folder with the public keys of tickets. */
  STRATA_KEYS: z.string().min(1),
  /** How long a body stays in the world after its client disconnected, in ms, so that the player comes back to it. */
  DISCONNECT_GRACE_MS: z.coerce.number().int().min(0).max(3_600_000).default(GRACE_MS),
  /** A hook of the game that has not returned after this time, in ms, ends the process, so that its players go on elsewhere; 0: never, for a debugger. */
  WATCHDOG_MS: z.coerce.number().int().min(0).max(600_000).default(10_000),
  /** Time after SIGTERM, in ms, in which the players are moved away. The remaining players are then saved and disconnected. */
  DRAIN_DEADLINE_MS: z.coerce.number().int().min(0).default(600_000),
  ...sourceSettings,
  /** Size of the PostgreSQL connection pool. Small, because every game server has its own pool. */
  DATABASE_POOL: z.coerce.number().int().min(1).max(50).default(4),
})
/** Time in ms for the last saves and for closing connections, after the drain deadline. */
const SHUTDOWN_MS = 15_000

/** Settings of `runGameServer` that are code of the game. */
export interface GameCode {
  /** Limits, history and moderation of the chat. Without `history` the setting CHAT_HISTORY counts. */
  chat?: ChatOptions
  /** Storage for the states of characters in place of PostgreSQL. All game servers of a world need the same. */
  states?: CharacterStates
}

/**
 * Runs a game server until SIGTERM: reads settings from the environment, connects to Agones, PostgreSQL and Redis, then hosts rooms. A studio's
 * main calls this function with its room class for each map.
 */
export async function runGameServer(rooms: GameServerOptions['rooms'], { chat, states }: GameCode = {}): Promise<void> {
  const environment = readEnvironment(settings)
  const log = createLogger('gameserver')
  // One bug must not end the process and disconnect every player. Rooms catch errors in game code; these handlers catch the rest.
  process.on('uncaughtException', (error) => log.error({ err: error }, 'uncaught exception'))
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'))

  await runService(
    log,
    async (stopping) => {
      await using starting = new AsyncDisposableStack()
      starting.use(await startTracing('gameserver', environment, log))
      const agones = starting.use(await connectAgones({ signal: stopping, log }))
      const registry = createRegistry('gameserver')
      const source = sourceFrom(environment, { clock: { now: Date.now }, registry, log })
      const { DATABASE_URL: databaseUrl, DATABASE_POOL: poolSize, DATABASE_POOLER: pooler } = environment
      const database = starting.use(
        await createStore(defined({ url: databaseUrl, pooler, poolSize, warm: true, log, source, serverSecret: createServerSecret() })),
      )
      const store = states === undefined ? database : withCharacterStates(database, states, log)
      const directory = starting.use(
        await RedisDirectory.connect(environment.REDIS_URL, { prefix: environment.REDIS_PREFIX, waitReplicas: environment.REDIS_WAIT_REPLICAS }),
      )
      const tickets = starting.use(await PublicKeys.open({ folder: environment.STRATA_KEYS, name: 'ticket', log }))
      const certificate = environment.TLS_FOLDER === undefined ? undefined : starting.use(await Certificate.open(environment.TLS_FOLDER, log))
      const { WATCHDOG_MS: endAfterMs } = environment
      const watchdog = endAfterMs === 0 ? undefined : starting.use(new Watchdog({ endAfterMs }))
      starting.use(
        await startGameServer({
          rooms,
          agones,
          directory,
          store,
          registry,
          sealKeys: createSealKeys(),
          get ticketKeys() {
            return tickets.keys
          },
          host: environment.HOST,
          port: environment.PORT,
          probePort: environment.PROBE_PORT,
          scheme: environment.PUBLIC_SCHEME,
          perAddress: { connections: environment.CONNECTIONS_PER_ADDRESS, requestsPerSecond: environment.REQUESTS_PER_ADDRESS },
          trustProxy: environment.TRUST_PROXY,
          certificate,
          addressTemplate: environment.PUBLIC_ADDRESS,
          node: environment.NODE_NAME,
          region: environment.REGION,
          watchdog,
          graceMs: environment.DISCONNECT_GRACE_MS,
          drainDeadlineMs: environment.DRAIN_DEADLINE_MS,
          chat: { history: environment.CHAT_HISTORY, ...chat },
          graph: source === undefined ? undefined : { source, ageMs: environment.SOCIAL_SOURCE_AGE_MS },
          log,
        }),
      )
      return starting.move()
    },
    environment.DRAIN_DEADLINE_MS + SHUTDOWN_MS,
  )
}
