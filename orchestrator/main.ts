import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { CensusReplica } from '../directory/censusReplica.ts'
import { RedisDirectory } from '../directory/redis/redisDirectory.ts'
import { formatProblem } from '../model/policy/parse.ts'
import { port, readEnvironment, url } from '../service/environment.ts'
import { readPrivateKey } from '../service/keys.ts'
import { createLogger } from '../service/log.ts'
import { PolicyFolder } from '../service/policyFolder.ts'
import { runService } from '../service/run.ts'
import { createStore } from '../store/postgresStore.ts'
import { LocalFleets } from './cluster/local/localFleets.ts'
import { plan } from './plan/plan.ts'
import { startOrchestrator } from './start.ts'

const settings = readEnvironment(
  z.object({
    HOST: z.string().default('127.0.0.1'),
    PORT: port.default(7100),
    DATABASE_URL: url,
    REDIS_URL: url,
    STRATA_KEYS: z.string({ message: 'needs the folder of the ticket key' }),
    STRATA_POLICIES: z.string().default('fleets'),
    STRATA_FLEETS_URL: url,
    STRATA_FLEETS_TOKEN: z.string({ message: 'needs the token of the fleet host' }),
    STRATA_ADMIN_TOKEN: z.string().min(1).optional(),
  }),
)
const log = createLogger('orchestrator')
const clock = { now: Date.now }

await runService(log, async () => {
  // Disposed in reverse: the orchestrator hands over first, its connections end last.
  const stack = new AsyncDisposableStack()
  try {
    const ticketKey = await readPrivateKey(settings.STRATA_KEYS, 'ticket')
    const policies = stack.use(await PolicyFolder.open(settings.STRATA_POLICIES, log))
    const store = stack.use(await createStore({ url: settings.DATABASE_URL, log }))
    const directory = stack.use(await RedisDirectory.connect(settings.REDIS_URL))
    const replica = stack.use(await CensusReplica.follow(directory, clock))
    const orchestrator = await startOrchestrator({
      directory,
      store,
      fleets: stack.use(new LocalFleets(settings.STRATA_FLEETS_URL, settings.STRATA_FLEETS_TOKEN)),
      replica,
      policies: () => policies.policies(),
      policyErrors: () => new Map(policies.problems().map((problem) => [problem.map ?? problem.file, formatProblem(problem)])),
      plan,
      ticketKey,
      newId: randomUUID,
      clock,
      log,
      host: settings.HOST,
      port: settings.PORT,
      adminToken: settings.STRATA_ADMIN_TOKEN,
    })
    stack.use(orchestrator)
    log.info({ url: orchestrator.url }, 'serving')
    return stack
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
})
