import type { Instant } from '../../model/clock.ts'
import type { FleetManifest } from '../../orchestrator/cluster/fleetManifest.ts'
import type { GameServerState } from '../../orchestrator/cluster/fleets.ts'
import { type Counter, type CounterUpdate, updateCounter } from './counters.ts'

/** The states of Agones. `Reserved` is visible only through the SDK. */
export type RecordState = GameServerState | 'Reserved'

/** Contents of a GameServer object. The gRPC and REST transports of the SDK each translate this shape. */
export interface GameServerView {
  name: string
  uid: string
  resourceVersion: number
  created: Instant
  state: RecordState
  host: string
  port: number
  portName: string
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
  counters: Readonly<Record<string, Counter>>
  health: FleetManifest['health']
}

/** Annotation of a server that must be drained. `allocationOverflow` of the Fleet or an operator's drain sets it; the server watches for it. */
export const DRAIN_ANNOTATION = 'strata.dev/drain'

/**
 * One GameServer object, as the Kubernetes API stores it.
 *
 * | from                          | to        | caused by                                                     |
 * | ----------------------------- | --------- | ------------------------------------------------------------- |
 * | Creating, Reserved, Allocated | Ready     | the server (SDK.Ready), or give-back after its last copy closed |
 * | Creating, Ready, Reserved     | Allocated | an allocation (from Ready only), or the server (SDK.Allocate) |
 * | Creating, Ready, Allocated    | Reserved  | the server (SDK.Reserve)                                      |
 * | any but the last two          | Unhealthy | no health ping in time, or the process failed                 |
 * | any but the last two          | Shutdown  | the server (SDK.Shutdown), a scale-down, or the process ended |
 */
export class GameServerRecord {
  readonly name: string
  readonly uid: string
  readonly fleet: string
  readonly address: string
  readonly #created: Instant
  readonly #host: string
  readonly #port: number
  readonly #manifest: FleetManifest
  #state: RecordState = 'Creating'
  #resourceVersion = 1
  readonly #labels: Record<string, string>
  readonly #annotations: Record<string, string>
  readonly #counters: Record<string, Counter>
  readonly #watchers = new Set<(view: GameServerView) => void>()

  constructor(made: { name: string; uid: string; created: Instant; host: string; port: number; manifest: FleetManifest }) {
    this.name = made.name
    this.uid = made.uid
    this.fleet = made.manifest.name
    this.address = `ws://${made.host}:${made.port}`
    this.#created = made.created
    this.#host = made.host
    this.#port = made.port
    this.#manifest = made.manifest
    this.#labels = { ...made.manifest.labels, 'agones.dev/fleet': made.manifest.name, 'agones.dev/gameserverset': `${made.manifest.name}-local` }
    this.#annotations = { ...made.manifest.annotations }
    this.#counters = structuredClone(made.manifest.counters)
  }

  get state(): RecordState {
    return this.#state
  }
  get terminal(): boolean {
    return this.#state === 'Shutdown' || this.#state === 'Unhealthy'
  }
  get overflow(): boolean {
    return DRAIN_ANNOTATION in this.#annotations
  }
  get rooms(): number | undefined {
    return this.#counters['rooms']?.capacity
  }

  /** Changes the state. Returns false and changes nothing when the record is in a terminal state. */
  to(state: Exclude<RecordState, 'Creating'>, now: Instant): boolean {
    if (this.terminal) return false
    // Every allocation changes the annotation, also Allocated → Allocated, so that the server sees a second allocation.
    if (state === 'Allocated') this.#annotations['agones.dev/last-allocated'] = new Date(now).toISOString()
    else if (state === this.#state) return true
    this.#state = state
    this.#changed()
    return true
  }

  markOverflow(): void {
    if (this.overflow || this.terminal) return
    Object.assign(this.#labels, this.#manifest.overflow.labels)
    Object.assign(this.#annotations, { [DRAIN_ANNOTATION]: 'requested' }, this.#manifest.overflow.annotations)
    this.#changed()
  }

  /** Sets a label under the only prefix that the SDK may write. */
  setLabel(key: string, value: string): void {
    this.#labels[`agones.dev/sdk-${key}`] = value
    this.#changed()
  }
  setAnnotation(key: string, value: string): void {
    this.#annotations[`agones.dev/sdk-${key}`] = value
    this.#changed()
  }

  counter(name: string): Counter {
    const counter = this.#counters[name]
    if (counter === undefined) throw new Error(`counter not found: ${name}`)
    return counter
  }
  updateCounter(name: string, update: CounterUpdate): Counter {
    const next = updateCounter(this.counter(name), update)
    this.#counters[name] = next
    this.#changed()
    return next
  }

  view(): GameServerView {
    return {
      name: this.name,
      uid: this.uid,
      resourceVersion: this.#resourceVersion,
      created: this.#created,
      state: this.#state,
      host: this.#host,
      port: this.#port,
      portName: this.#manifest.portName,
      labels: { ...this.#labels },
      annotations: { ...this.#annotations },
      counters: { ...this.#counters },
      health: this.#manifest.health,
    }
  }

  /** Calls `watcher` after each change. Returns a function that stops the calls. */
  watch(watcher: (view: GameServerView) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  #changed(): void {
    this.#resourceVersion++
    const view = this.view()
    for (const watcher of [...this.#watchers]) watcher(view)
  }
}
