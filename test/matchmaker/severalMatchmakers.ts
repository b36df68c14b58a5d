import { randomUUID } from 'node:crypto'
import { generateKeyPair } from 'jose'
import { Registry } from 'prom-client'
import { CensusReplica } from '../../directory/censusReplica.ts'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { composeParts } from '../../matchmaker/composeParts.ts'
import type { Parts } from '../../matchmaker/parts.ts'
import type { Decision } from '../../model/placement/decision.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { SERVER_BEAT_MS } from '../../model/server.ts'
import { createLogger } from '../../service/log.ts'
import type { Store } from '../../store/store.ts'

export interface Matchmakers extends AsyncDisposable {
  parts: Parts[]
  /** The test's own access to the directory. */
  directory: RedisDirectory
  decisions: Decision[]
}

/** Several matchmakers on one Redis, each with its own connections and its own lagging replica, as separate processes have. */
export async function severalMatchmakers(count: number, store: Store, policy: MapPolicy, copies: number): Promise<Matchmakers> {
  await using starting = new AsyncDisposableStack()
  const prefix = `several-${randomUUID()}:`
  const connect = async () => starting.use(await RedisDirectory.connect(process.env['REDIS_URL'] ?? '', { prefix }))
  const directory = await connect()
  const [now, address] = [Date.now(), 'ws://127.0.0.1:1']
  const report = (): Promise<void> =>
    directory.reportServer({ id: 's1', fleet: 'overworld', address, rooms: 99, protocol: { min: 1, max: 1 }, draining: false, beat: Date.now() })
  await report()
  const beats = setInterval(() => void report().catch(() => undefined), SERVER_BEAT_MS)
  starting.defer(() => clearInterval(beats))
  for (let n = 1; n <= copies; n++) {
    await directory.addCopy({ id: `${policy.map}-${n}`, map: policy.map, server: 's1', created: now, since: now, state: 'open', address })
  }
  const { privateKey, publicKey } = await generateKeyPair('EdDSA')
  const decisions: Decision[] = []
  const parts: Parts[] = []
  for (let n = 0; n < count; n++) {
    const clock = { now: () => Date.now() }
    const own = await connect()
    const replica = starting.use(await CensusReplica.follow(own, clock))
    const composed = composeParts({
      directory: own,
      store,
      replica,
      registry: new Registry(),
      policies: () => new Map([[policy.map, policy]]),
      clock,
      newId: randomUUID,
      keys: { ticket: privateKey, ticketPublic: [publicKey] },
      record: (decision) => void decisions.push(decision),
      log: createLogger('test', 'silent'),
    })
    parts.push(starting.use(composed))
  }
  const stack = starting.move()
  return { parts, directory, decisions, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
