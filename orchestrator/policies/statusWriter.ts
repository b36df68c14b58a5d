import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { CustomObjectsApi, type KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { Census } from '../../model/census.ts'
import type { Clock, DurationMs, Instant } from '../../model/clock.ts'
import { statusCode, withDeadline } from '../../service/kubernetes/call.ts'
import { POLICY_GROUP, POLICY_PLURAL, POLICY_VERSION, type PolicyObjectStatus } from '../../service/kubernetes/policyObject.ts'
import { nameOf, type PolicyObjects } from '../../service/kubernetes/policyObjects.ts'
import type { Logger } from '../../service/log.ts'
import type { Fleets } from '../cluster/fleets.ts'
import type { EventRecorder } from './eventRecorder.ts'
import { statusOfPolicy } from './policyStatus.ts'

/** What was accepted or refused is told within this … */
const LOOK_EVERY_MS: DurationMs = 1_000
/** … and figures that change with every player no more often than this: each write goes through etcd. */
const FIGURES_EVERY_MS: DurationMs = 5_000
const CALL_TIMEOUT_MS: DurationMs = 5_000

/** The status as a whole: a merge would keep what a newer policy has left out. */
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

/** Keeps the status of all MapPolicy objects true while this process leads. */
export class StatusWriter {
  readonly #api: CustomObjectsApi
  readonly #options: StatusWriterOptions
  readonly #written = new Map<string, { status: PolicyObjectStatus; at: Instant }>()

  constructor(options: StatusWriterOptions) {
    this.#options = options
    this.#api = options.config.makeApiClient(CustomObjectsApi)
  }

  /** Until the signal aborts. An API server that does not answer is asked again; nothing else waits for it. */
  async run(census: () => Census, signal: AbortSignal): Promise<void> {
    this.#written.clear()
    while (!signal.aborted) {
      try {
        await this.#round(census(), signal)
      } catch (error) {
        if (!signal.aborted) this.#options.log.warn({ err: error }, 'the status of the policies could not be written; it is tried again')
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
    }
  }

  async #round(census: Census, signal: AbortSignal): Promise<void> {
    const { policies, fleets, clock, events } = this.#options
    const servers = await fleets.list(AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]))
    for (const validated of policies.validated()) {
      if (signal.aborted) return
      const name = nameOf(validated.object)
      const now = clock.now()
      const status = statusOfPolicy({ validated, census: census.maps.get(name), servers, now })
      const before = this.#written.get(name)
      const known = before?.status ?? validated.object.status ?? {}
      const news = !sameVerdict(known, status)
      if (!news && (isDeepStrictEqual(known, status) || now - (before?.at ?? 0) < FIGURES_EVERY_MS)) continue
      if (news && validated.problem !== undefined && known.observedGeneration !== status.observedGeneration)
        events.refused(name, status.conditions?.[0]?.message ?? validated.problem)
      await this.#write(name, status)
      this.#written.set(name, { status, at: now })
    }
  }

  async #write(name: string, status: PolicyObjectStatus): Promise<void> {
    const target = { group: POLICY_GROUP, version: POLICY_VERSION, namespace: this.#options.namespace, plural: POLICY_PLURAL, name }
    try {
      await withDeadline(
        this.#api.patchNamespacedCustomObjectStatus({ ...target, body: [{ op: 'add', path: '/status', value: status }] }, jsonPatch),
        CALL_TIMEOUT_MS,
      )
    } catch (error) {
      if (statusCode(error) !== 404) throw error // deleted meanwhile
    }
  }
}

/** All but the figures. */
function sameVerdict(a: PolicyObjectStatus, b: PolicyObjectStatus): boolean {
  const verdicts = ({ observedGeneration, policyVersion, conditions }: PolicyObjectStatus) => [
    observedGeneration,
    policyVersion,
    conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]),
  ]
  return isDeepStrictEqual(verdicts(a), verdicts(b))
}
