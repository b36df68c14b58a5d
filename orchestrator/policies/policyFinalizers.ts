import { CustomObjectsApi, type KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { CensusReplica } from '../../directory/censusReplica.ts'
import type { MapCensus } from '../../model/census.ts'
import type { Clock, DurationMs, Instant } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import { statusCode, withDeadline } from '../../service/kubernetes/call.ts'
import { type PolicyObject, policyTarget } from '../../service/kubernetes/policyObject.ts'
import { isDeleted, nameOf, type PolicyObjects } from '../../service/kubernetes/policyObjects.ts'
import type { Logger } from '../../service/log.ts'
import { checkRegularly } from './checkRegularly.ts'

/** With this finalizer a deleted MapPolicy exists until nobody plays on its map, so that processes that start meanwhile can read the policy. */
export const FINALIZER = 'strata.dev/players'

/** How long a map must be empty before its deleted policy is released, in ms: twice the time in which an emptied directory is rebuilt (rule D1). */
const EMPTY_FOR_MS: DurationMs = 10_000
const CALL_TIMEOUT_MS: DurationMs = 5_000

const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)

export interface PolicyFinalizersOptions {
  config: KubeConfig
  namespace: string
  policies: Pick<PolicyObjects, 'validated'>
  clock: Clock
  log: Logger
}

/** Sets the finalizer of all MapPolicy objects while this process leads, and removes it from deleted ones whose map has no players, no line and no copies. */
export class PolicyFinalizers {
  readonly #api: CustomObjectsApi
  readonly #options: PolicyFinalizersOptions
  /** Maps of deleted policies that are empty, with the time of the first check that found them empty. */
  readonly #emptySince = new Map<MapName, Instant>()

  constructor(options: PolicyFinalizersOptions) {
    this.#options = options
    this.#api = options.config.makeApiClient(CustomObjectsApi)
  }

  /** Runs until the signal aborts. When the API server does not answer, the next check tries again. */
  async run(replica: Pick<CensusReplica, 'census' | 'ready'>, signal: AbortSignal): Promise<void> {
    this.#emptySince.clear()
    await checkRegularly(() => this.apply(replica), 'could not write the finalizer of a policy', this.#options.log, signal)
  }

  /** Compares each object with the finalizers that it should have, and writes the differences. */
  async apply(replica: Pick<CensusReplica, 'census' | 'ready'>): Promise<void> {
    const { policies, log } = this.#options
    for (const { object } of policies.validated()) {
      const map = nameOf(object)
      const finalizers = changedFinalizers(object, () => this.#isReleased(map, replica))
      if (finalizers === undefined) continue
      if (isDeleted(object)) log.info({ map }, 'the map of a deleted policy is empty; the policy object ends')
      await this.#write(object, finalizers)
    }
  }

  #isReleased(map: MapName, replica: Pick<CensusReplica, 'census' | 'ready'>): boolean {
    const now = this.#options.clock.now()
    const empty = replica.ready() && isEmpty(replica.census().maps.get(map))
    const since = empty ? (this.#emptySince.get(map) ?? now) : undefined
    if (since === undefined) this.#emptySince.delete(map)
    else this.#emptySince.set(map, since)
    return since !== undefined && now - since >= EMPTY_FOR_MS
  }

  /** The resource version makes the write fail when somebody else changed the object meanwhile, for example its other finalizers. */
  async #write({ metadata }: PolicyObject, finalizers: readonly string[]): Promise<void> {
    const target = policyTarget(this.#options.namespace, metadata?.name ?? '')
    const body = { metadata: { finalizers, resourceVersion: metadata?.resourceVersion } }
    try {
      await withDeadline(this.#api.patchNamespacedCustomObject({ ...target, body }, mergePatch), CALL_TIMEOUT_MS)
    } catch (error) {
      const code = statusCode(error)
      if (code !== 404 && code !== 409) throw error // gone, or changed: the next check reads it again
    }
  }
}

/** The finalizers that the object should have; undefined when it has them. The API server refuses new finalizers on a deleted object. */
function changedFinalizers(object: PolicyObject, released: () => boolean): readonly string[] | undefined {
  const present = object.metadata?.finalizers ?? []
  const has = present.includes(FINALIZER)
  if (!isDeleted(object)) return has ? undefined : [...present, FINALIZER]
  return has && released() ? present.filter((one) => one !== FINALIZER) : undefined
}

function isEmpty(ofMap: MapCensus | undefined): boolean {
  return ofMap === undefined || (ofMap.copies.size === 0 && ofMap.waiting === 0)
}
