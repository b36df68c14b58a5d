import { isDeepStrictEqual } from 'node:util'
import { CustomObjectsApi, type KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { Census } from '../../model/census.ts'
import type { Clock, DurationMs, Instant } from '../../model/clock.ts'
import { statusCode, withDeadline } from '../../service/kubernetes/call.ts'
import { type PolicyObjectStatus, policyTarget } from '../../service/kubernetes/policyObject.ts'
import { nameOf, type PolicyObjects } from '../../service/kubernetes/policyObjects.ts'
import type { Logger } from '../../service/log.ts'
import type { Fleets } from '../cluster/fleets.ts'
import { checkRegularly } from './checkRegularly.ts'
import type { EventRecorder } from './eventRecorder.ts'
import { statusOfPolicy } from './policyStatus.ts'

/** Shortest interval of writes that change only figures, such as the number of players: each write goes through etcd. */
const FIGURES_EVERY_MS: DurationMs = 5_000
const CALL_TIMEOUT_MS: DurationMs = 5_000

/** Replaces the whole status. A merge patch would keep fields that a newer policy no longer has. */
const jsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch)

export interface StatusWriterOptions {
  config: KubeConfig
  namespace: string
  policies: Pick<PolicyObjects, 'validated'>
  fleets: Fleets
  events: EventRecorder
  clock: Clock
  log: Logger
}

/** Keeps the status of all MapPolicy objects up to date while this process leads. */
export class StatusWriter {
  readonly #api: CustomObjectsApi
  readonly #options: StatusWriterOptions
  readonly #written = new Map<string, { status: PolicyObjectStatus; at: Instant }>()

  constructor(options: StatusWriterOptions) {
    this.#options = options
    this.#api = options.config.makeApiClient(CustomObjectsApi)
  }

  /** Runs until the signal aborts. When the API server does not answer, the next check tries again. */
  async run(census: () => Census, signal: AbortSignal): Promise<void> {
    this.#written.clear()
    await checkRegularly(() => this.#writeChanged(census(), signal), 'could not write the status of the policies', this.#options.log, signal)
  }

  async #writeChanged(census: Census, signal: AbortSignal): Promise<void> {
    const { policies, fleets, clock, events } = this.#options
    const servers = await fleets.list(AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]))
    for (const validated of policies.validated()) {
      if (signal.aborted) return
      const name = nameOf(validated.object)
      const now = clock.now()
      const status = statusOfPolicy({ validated, census: census.maps.get(name), servers, now })
      const before = this.#written.get(name)
      const known = before?.status ?? validated.object.status ?? {}
      const changed = !sameConditions(known, status)
      if (!changed && (isDeepStrictEqual(known, status) || now - (before?.at ?? 0) < FIGURES_EVERY_MS)) continue
      if (changed && validated.problem !== undefined && known.observedGeneration !== status.observedGeneration)
        events.recordRefusal(name, status.conditions?.[0]?.message ?? validated.problem)
      await this.#write(name, status)
      this.#written.set(name, { status, at: now })
    }
  }

  async #write(name: string, status: PolicyObjectStatus): Promise<void> {
    const target = policyTarget(this.#options.namespace, name)
    try {
      await withDeadline(
        this.#api.patchNamespacedCustomObjectStatus({ ...target, body: [{ op: 'add', path: '/status', value: status }] }, jsonPatch),
        CALL_TIMEOUT_MS,
      )
    } catch (error) {
      if (statusCode(error) !== 404) throw error // the policy object was deleted
    }
  }
}

/** Compares everything except the figures. */
function sameConditions(a: PolicyObjectStatus, b: PolicyObjectStatus): boolean {
  const verdicts = ({ observedGeneration, policyVersion, conditions }: PolicyObjectStatus) => [
    observedGeneration,
    policyVersion,
    conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]),
  ]
  return isDeepStrictEqual(verdicts(a), verdicts(b))
}
