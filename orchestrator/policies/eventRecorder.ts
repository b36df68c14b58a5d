import { EventsV1Api, type EventsV1Event, type KubeConfig, V1MicroTime } from '@kubernetes/client-node'
import type { Clock, DurationMs } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { MapName } from '../../model/ids.ts'
import type { Decision, DecisionKind } from '../../model/placement/decision.ts'
import { withDeadline } from '../../service/kubernetes/call.ts'
import { POLICY_GROUP, POLICY_VERSION } from '../../service/kubernetes/policyObject.ts'
import { nameOf, type PolicyObjects } from '../../service/kubernetes/policyObjects.ts'
import type { Logger } from '../../service/log.ts'

/** Most events that wait for the API server; older ones are dropped. Nothing is lost: all decisions are in the store. */
const MAX_WAITING = 200
/** Longest note that the Kubernetes API accepts, in characters. */
const MAX_NOTE = 1_024
const CALL_TIMEOUT_MS: DurationMs = 5_000

const eventOf: Partial<Record<DecisionKind, { reason: string; action: string; type: 'Normal' | 'Warning' }>> = {
  open: { reason: 'CopyOpening', action: 'Open', type: 'Normal' },
  close: { reason: 'CopyClosing', action: 'Close', type: 'Normal' },
  reopen: { reason: 'CopyReopened', action: 'Reopen', type: 'Normal' },
  lost: { reason: 'CopyLost', action: 'Lose', type: 'Warning' },
}

export interface EventRecorderOptions {
  config: KubeConfig
  namespace: string
  policies: Pick<PolicyObjects, 'validated'>
  /** The name of this process's pod. */
  instance: string
  newId: () => string
  clock: Clock
  log: Logger
}

type EventContent = Pick<EventsV1Event, 'reason' | 'action' | 'type' | 'note'>

/** Writes Kubernetes events about opened, closed and lost copies and about refused policies to the MapPolicy object (`kubectl describe mappolicy forest`). */
export class EventRecorder {
  readonly #api: EventsV1Api
  readonly #options: EventRecorderOptions
  readonly #waiting: EventsV1Event[] = []
  #sending = false
  #dropped = 0

  constructor(options: EventRecorderOptions) {
    this.#options = options
    this.#api = options.config.makeApiClient(EventsV1Api)
  }

  /** Ignores decisions that have no row in `eventOf`. */
  recordDecision({ kind, map, copy, reason, policyVersion }: Decision): void {
    const event = eventOf[kind]
    if (event !== undefined) this.#enqueue(map, { ...event, note: `${copy ?? ''}: ${reason} (policy ${policyVersion})` })
  }

  recordRefusal(map: MapName, problem: string): void {
    this.#enqueue(map, { reason: 'PolicyRefused', action: 'Accept', type: 'Warning', note: problem })
  }

  /** The policy object was deleted, but its copies are not gone. */
  recordHeld(map: MapName, people: number): void {
    const note = `the policy was deleted while ${people} people are on the map: it stays in force until they have left. To keep the map, see "A map was removed" in the runbook`
    this.#enqueue(map, { reason: 'PolicyHeld', action: 'Delete', type: 'Warning', note })
  }

  #enqueue(map: MapName, content: EventContent): void {
    const { policies, namespace, instance, newId, clock } = this.#options
    const object = policies.validated().find((validated) => nameOf(validated.object) === map)?.object
    // A deleted object has events by its name.
    const { uid, resourceVersion } = object?.metadata ?? {}
    this.#waiting.push({
      metadata: { name: `${map}.${newId()}`, namespace },
      eventTime: new V1MicroTime(clock.now()),
      reportingController: 'strata.dev/orchestrator',
      reportingInstance: instance,
      regarding: {
        apiVersion: `${POLICY_GROUP}/${POLICY_VERSION}`,
        kind: 'MapPolicy',
        name: map,
        namespace,
        ...defined({ uid, resourceVersion }),
      },
      ...content,
      note: (content.note ?? '').slice(0, MAX_NOTE),
    })
    if (this.#waiting.length > MAX_WAITING) this.#dropped += this.#waiting.splice(0, this.#waiting.length - MAX_WAITING).length
    void this.#send()
  }

  async #send(): Promise<void> {
    if (this.#sending) return
    this.#sending = true
    const { namespace, log } = this.#options
    for (let body = this.#waiting.shift(); body !== undefined; body = this.#waiting.shift()) {
      try {
        await withDeadline(this.#api.createNamespacedEvent({ namespace, body }), CALL_TIMEOUT_MS)
      } catch (error) {
        this.#dropped++
        log.warn({ err: error, dropped: this.#dropped }, 'could not write an event')
      }
    }
    this.#sending = false
  }
}
