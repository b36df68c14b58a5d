import { type CryptoKey, generateKeyPair } from 'jose'
import { CensusReplica } from '../../directory/censusReplica.ts'
import { MemoryDirectory } from '../../directory/memory.ts'
import { DAY_MS } from '../../model/clock.ts'
import type { Copy } from '../../model/copy.ts'
import { createLogger } from '../../service/log.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import type { ConsoleOptions } from '../console/serveConsole.ts'
import { plan as realPlan } from '../plan/plan.ts'
import type { PolicyTexts } from '../policies/policyTexts.ts'
import { serversClose, serversWork } from '../reconcile/testing/serversWork.ts'
import { policy } from '../reconcile/testing/world.ts'
import { startOrchestrator } from '../start.ts'

const clock = { now: Date.now }
const SERVERS_WORK_EVERY_MS = 50

/** Operator token of the orchestrators, unless a test names another one. */
export const ADMIN_TOKEN = 's3cret'

/**
 * Orchestrators in real time, started as in production, over a real store, a directory and fleets in memory, and simulated game servers. It has a map
 * `forest` with two copies, and a map `hills` whose policy was refused.
 */
export class ServedWorld implements AsyncDisposable {
  readonly directory = new MemoryDirectory()
  /** The policies as text; a test may replace it. */
  policyTexts: PolicyTexts = { read: async () => undefined, write: async () => undefined }
  readonly fleets = new MemoryFleets({ overworld: { replicas: 2, rooms: 4 } })
  /** While true, closing copies stay, as if players were busy in them. */
  busy = false
  readonly #store: PostgresStore
  readonly #stack = new AsyncDisposableStack()
  /** All orchestrators of a world have the same ticket key. */
  readonly #keys = generateKeyPair('EdDSA', { extractable: true })
  #ids = 0

  constructor(store: PostgresStore) {
    this.#store = store
    const working = setInterval(() => void this.#serversWork(), SERVERS_WORK_EVERY_MS)
    this.#stack.defer(() => clearInterval(working))
  }

  async orchestrator({
    adminToken = ADMIN_TOKEN,
    plan = realPlan,
    serviceKeys = () => [],
    spec = {},
    console: options = {},
    port = 0,
    recording = { on: true, keepMs: 7 * DAY_MS },
  }: {
    adminToken?: string
    /** More fields of the policy of `forest`. */
    spec?: Record<string, unknown>
    serviceKeys?: () => readonly CryptoKey[]
    plan?: typeof realPlan
    console?: Partial<ConsoleOptions>
    port?: number
    recording?: Parameters<typeof startOrchestrator>[0]['recording']
  } = {}): ReturnType<typeof startOrchestrator> {
    const started = await startOrchestrator({
      directory: this.directory,
      store: this.#store,
      fleets: this.fleets,
      replica: this.#stack.use(await CensusReplica.follow(this.directory, clock)),
      policies: () => new Map([['forest', policy('forest', { copies: { min: 2, warm: 0 }, ...spec })]]),
      policyTexts: this.policyTexts,
      policyErrors: () => new Map([['hills', 'fleets/hills.yaml:3:7 spec.capacity.soft: too small']]),
      plan,
      ticketKey: (await this.#keys).privateKey,
      newId: () => `${process.pid}-${clock.now()}-${++this.#ids}`,
      clock,
      log: createLogger('test', 'silent'),
      host: '127.0.0.1',
      port,
      adminToken,
      serviceKeys,
      recording,
      console: { folder: 'console/dist', secure: false, ...options },
    })
    return this.#stack.use(started)
  }

  async copies(): Promise<Copy[]> {
    return (await this.directory.snapshot('forest')).copies
  }

  /** Number of open copies of `forest`. */
  async open(): Promise<number> {
    return (await this.copies()).filter(({ state }) => state === 'open').length
  }

  async #serversWork(): Promise<void> {
    await serversWork(this.directory, this.fleets.servers.values(), clock.now())
    if (!this.busy) await serversClose(this.directory)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}
