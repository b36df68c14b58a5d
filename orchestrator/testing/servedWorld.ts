import { generateKeyPair } from 'jose'
import { CensusReplica } from '../../directory/censusReplica.ts'
import { MemoryDirectory } from '../../directory/memory.ts'
import type { Copy } from '../../model/copy.ts'
import { createLogger } from '../../service/log.ts'
import type { Store } from '../../store/store.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { plan as realPlan } from '../plan/plan.ts'
import { serversClose, serversWork } from '../reconcile/testing/serversWork.ts'
import { policy } from '../reconcile/testing/world.ts'
import { startOrchestrator } from '../start.ts'

const clock = { now: Date.now }
const SERVERS_WORK_EVERY_MS = 50

/**
 * Orchestrators as their processes start them, in real time, over a real store and a directory and fleets in memory; the game servers are
 * played. A forest of two copies, and hills whose policy was refused.
 */
export class ServedWorld implements AsyncDisposable {
  readonly directory = new MemoryDirectory()
  readonly fleets = new MemoryFleets({ overworld: { replicas: 2, rooms: 4 } })
  /** Set while nobody may leave: closing copies stay. */
  busy = false
  readonly #store: Store
  readonly #stack = new AsyncDisposableStack()
  #ids = 0

  constructor(store: Store) {
    this.#store = store
    const working = setInterval(() => void this.#serversWork(), SERVERS_WORK_EVERY_MS)
    this.#stack.defer(() => clearInterval(working))
  }

  async orchestrator({ adminToken, plan = realPlan }: { adminToken?: string; plan?: typeof realPlan } = {}): ReturnType<typeof startOrchestrator> {
    const { privateKey } = await generateKeyPair('EdDSA')
    const started = await startOrchestrator({
      directory: this.directory,
      store: this.#store,
      fleets: this.fleets,
      replica: this.#stack.use(await CensusReplica.follow(this.directory, clock)),
      policies: () => new Map([['forest', policy('forest', { copies: { min: 2, warm: 0 } })]]),
      policyErrors: () => new Map([['hills', 'fleets/hills.yaml:3:7 spec.capacity.soft: too small']]),
      plan,
      ticketKey: privateKey,
      newId: () => `${process.pid}-${clock.now()}-${++this.#ids}`,
      clock,
      log: createLogger('test', 'silent'),
      host: '127.0.0.1',
      port: 0,
      adminToken,
    })
    return this.#stack.use(started)
  }

  async copies(): Promise<Copy[]> {
    return (await this.directory.snapshot('forest')).copies
  }

  /** How many copies of the forest are open. */
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
