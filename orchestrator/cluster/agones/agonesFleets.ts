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
   * Who writes the replicas of the fleets: a Webhook FleetAutoscaler, which asks the orchestrator (`admin/autoscaler.ts`), or the orchestrator itself. Only
   * one of them may, or they would overwrite each other; the orchestrator needs the right to patch `fleets/scale` for it.
   */
  sizedBy: 'webhook' | 'orchestrator'
}

/** Fleets of a cluster: reads servers by list + watch, and allocates whole servers, never players (Agones packs only by server: agones#3992). */
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
    // The watch may be some milliseconds behind the answer. The fields known from the answer are sufficient until it catches up.
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
    // A GameServer has no `status` subresource, so that Agones can allocate in one atomic write. A patch of the object may therefore change its state.
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

  /** `ignored`: HTTP statuses that mean that nothing is left to do. `what`: name of the object for the error NOT_FOUND; without it, 404 throws as it is. */
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

/** Waits for `work` until `signal` aborts. The work itself is not cancelled; the next round reads its result from the list of servers. */
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
