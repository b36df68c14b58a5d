import { CustomObjectsApi, type KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { StrataError } from '../../../model/errors.ts'
import type { FleetName, ServerId } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import { statusCode } from '../../../service/kubernetes/call.ts'
import { ResilientInformer } from '../../../service/kubernetes/resilientInformer.ts'
import type { Logger } from '../../../service/log.ts'
import type { Fleets, GameServer } from '../fleets.ts'
import { type AgonesAllocation, type AgonesGameServer, DRAIN_ANNOTATION, FLEET_LABEL, toGameServer } from './objects.ts'

const gameServers = { group: 'agones.dev', version: 'v1', plural: 'gameservers' }
const fleets = { group: 'agones.dev', version: 'v1', plural: 'fleets' }
const allocations = { group: 'allocation.agones.dev', version: 'v1', plural: 'gameserverallocations' }

const jsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch)
const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)

export interface AgonesFleetsOptions {
  config: KubeConfig
  namespace: string
  log: Logger
  random: Random
  /**
   * Who writes the replicas: a Webhook FleetAutoscaler, which asks us (admin/autoscaler.ts), or we ourselves. Both at once would
   * fight, and the second needs the right to patch `fleets/scale`.
   */
  sizedBy: 'webhook' | 'orchestrator'
}

/** Fleets of a real cluster: reads by list + watch, allocates whole servers, never players (notes on Agones' packing: agones#3992). */
export class AgonesFleets implements Fleets {
  readonly #objects: CustomObjectsApi
  readonly #servers: ResilientInformer<AgonesGameServer>
  readonly #namespace: string
  readonly #sizedBy: AgonesFleetsOptions['sizedBy']

  private constructor(objects: CustomObjectsApi, servers: ResilientInformer<AgonesGameServer>, { namespace, sizedBy }: AgonesFleetsOptions) {
    this.#objects = objects
    this.#servers = servers
    this.#namespace = namespace
    this.#sizedBy = sizedBy
  }

  static async connect(options: AgonesFleetsOptions): Promise<AgonesFleets> {
    const objects = options.config.makeApiClient(CustomObjectsApi)
    const servers = new ResilientInformer<AgonesGameServer>({ ...options, ...gameServers })
    await servers.start()
    return new AgonesFleets(objects, servers, options)
  }

  async list(_signal: AbortSignal): Promise<GameServer[]> {
    return this.#list()
  }

  #list(): GameServer[] {
    return this.#servers.list().flatMap((object) => toGameServer(object) ?? [])
  }

  async allocate(fleet: FleetName, signal: AbortSignal): Promise<GameServer | undefined> {
    const server = await abandonOn(signal, this.#requestServer(fleet))
    if (server === undefined) return undefined
    // The watch may lag behind the answer by some milliseconds; what is known for sure is enough to go on.
    return this.#list().find(({ id, state }) => id === server && state === 'Allocated') ?? { id: server, fleet, state: 'Allocated', overflow: false }
  }

  async #requestServer(fleet: FleetName): Promise<ServerId | undefined> {
    const body = {
      apiVersion: 'allocation.agones.dev/v1',
      kind: 'GameServerAllocation',
      spec: {
        selectors: [{ matchLabels: { [FLEET_LABEL]: fleet }, gameServerState: 'Ready' }],
        scheduling: 'Packed',
        metadata: { labels: { 'strata.dev/allocated': 'true' } },
      },
    }
    const answer: AgonesAllocation = await this.#objects.createNamespacedCustomObject({ ...allocations, namespace: this.#namespace, body })
    return answer.status?.state === 'Allocated' ? answer.status.gameServerName : undefined
  }

  async giveBack(server: ServerId, signal: AbortSignal): Promise<void> {
    const marked = this.#list().find(({ id }) => id === server)?.overflow === true
    // `status` is no subresource of a GameServer (so that allocation is one atomic write): whoever may patch it may move its state.
    const body = [
      { op: 'test', path: '/status/state', value: 'Allocated' },
      { op: 'replace', path: '/status/state', value: marked ? 'Shutdown' : 'Ready' },
    ]
    await this.#patch(
      signal,
      () => this.#objects.patchNamespacedCustomObject({ ...gameServers, namespace: this.#namespace, name: server, body }, jsonPatch),
      [404, 422],
    )
  }

  async scale(fleet: FleetName, replicas: number, signal: AbortSignal): Promise<void> {
    if (this.#sizedBy === 'webhook') return
    const body = { spec: { replicas } }
    await this.#patch(
      signal,
      () => this.#objects.patchNamespacedCustomObjectScale({ ...fleets, namespace: this.#namespace, name: fleet, body }, mergePatch),
      [],
      `fleet ${fleet}`,
    )
  }

  async drain(server: ServerId, signal: AbortSignal): Promise<void> {
    const body = { metadata: { annotations: { [DRAIN_ANNOTATION]: 'operator' } } }
    await this.#patch(
      signal,
      () => this.#objects.patchNamespacedCustomObject({ ...gameServers, namespace: this.#namespace, name: server, body }, mergePatch),
      [],
      `server ${server}`,
    )
  }

  /** `ignored` are HTTP statuses that mean "already so"; a missing object named by `what` is NOT_FOUND. */
  async #patch(signal: AbortSignal, call: () => Promise<unknown>, ignored: number[], what?: string): Promise<void> {
    try {
      await abandonOn(signal, call())
    } catch (error) {
      const status = statusCode(error)
      if (status !== undefined && ignored.includes(status)) return
      if (status === 404 && what !== undefined) throw new StrataError('NOT_FOUND', { path: what }, { cause: error })
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers[Symbol.asyncDispose]()
  }
}

/** Waits for `work` until `signal` aborts. What is done all the same is seen by the next look at the world. */
async function abandonOn<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([aborted.promise, work])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
