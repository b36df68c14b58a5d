import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { CensusReplica } from '../../directory/censusReplica.ts'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { composeParts } from '../../matchmaker/composeParts.ts'
import type { Parts } from '../../matchmaker/parts.ts'
import { defined } from '../../model/defined.ts'
import type { Policies } from '../../model/policy/policy.ts'
import { ensureKeyPair, readPrivateKey, readPublicKeys } from '../../service/keys/keys.ts'
import { createLogger } from '../../service/log.ts'
import { disablePretenuring } from '../../service/pretenuring.ts'
import { DecisionWriter } from '../../store/decisions/decisionWriter.ts'
import { createStore } from '../../store/postgresStore.ts'

/** A matchmaker composed as in `matchmaker/main.ts`, without its HTTP API. */
export interface BenchMatchmaker {
  parts: Parts
  replica: CensusReplica
  directory: RedisDirectory
  decisions: DecisionWriter
}

/** What a matchmaker connects to. All matchmakers share the keys in `folder`. */
export interface Connections {
  redisUrl: string
  databaseUrl: string
  folder: string
  /** Prefix of the directory's keys in Redis. */
  prefix?: string
}

export async function startMatchmaker(
  stack: AsyncDisposableStack,
  { redisUrl, databaseUrl, folder, prefix }: Connections,
  policies: Policies,
): Promise<BenchMatchmaker> {
  disablePretenuring()
  const clock = { now: () => Date.now() }
  const log = createLogger('bench', 'error')
  const store = stack.use(await createStore({ url: databaseUrl, log }))
  const decisions = stack.use(new DecisionWriter({ store, log }))
  const directory = stack.use(await RedisDirectory.connect(redisUrl, defined({ prefix })))
  const replica = stack.use(await CensusReplica.follow(directory, clock))
  const keys = join(folder, 'keys')
  await ensureKeyPair(keys, 'ticket')
  const parts = stack.use(
    composeParts({
      directory,
      store,
      replica,
      registry: new Registry(),
      policies: () => policies,
      clock,
      newId: randomUUID,
      keys: { ticket: await readPrivateKey(keys, 'ticket'), ticketPublic: await readPublicKeys(keys, 'ticket') },
      record: (decision) => decisions.add(decision),
      log,
    }),
  )
  return { parts, replica, directory, decisions }
}
