import { randomUUID } from 'node:crypto'
import { generateKeyPair } from 'jose'
import { Registry } from 'prom-client'
import { CensusReplica } from '../../directory/censusReplica.ts'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { createMetrics } from '../../matchmaker/metrics.ts'
import type { Parts } from '../../matchmaker/parts.ts'
import { Doorbell } from '../../matchmaker/queue/doorbell.ts'
import { WaitEstimate } from '../../matchmaker/queue/waitEstimate.ts'
import type { Policies } from '../../model/policy/policy.ts'
import { createLogger } from '../../service/log.ts'
import { DecisionWriter } from '../../store/decisionWriter.ts'
import { createStore } from '../../store/postgresStore.ts'

/** A matchmaker as `matchmaker/main.ts` puts it together, without HTTP in front. */
export interface BenchMatchmaker {
  parts: Parts
  replica: CensusReplica
  directory: RedisDirectory
  decisions: DecisionWriter
}

export async function startMatchmaker(
  stack: AsyncDisposableStack,
  { redisUrl, databaseUrl, policies }: { redisUrl: string; databaseUrl: string; policies: Policies },
): Promise<BenchMatchmaker> {
  const clock = { now: () => Date.now() }
  const log = createLogger('bench', 'warn')
  const store = stack.use(await createStore({ url: databaseUrl, log }))
  const decisions = stack.use(new DecisionWriter({ store, log }))
  const directory = stack.use(await RedisDirectory.connect(redisUrl))
  const replica = stack.use(await CensusReplica.follow(directory, clock))
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  const parts: Parts = {
    directory,
    store,
    world: replica,
    policies: () => policies,
    clock,
    newId: randomUUID,
    keys: { ticket: privateKey, ticketPublic: [publicKey] },
    record: (decision) => decisions.add(decision),
    waits: new WaitEstimate(),
    doorbell: stack.use(new Doorbell((listener) => replica.onChange(listener))),
    metrics: createMetrics(new Registry(), () => []),
    log,
  }
  return { parts, replica, directory, decisions }
}
