import type { Instant } from '../../model/clock.ts'
import type { FleetManifest } from '../../orchestrator/cluster/fleetManifest.ts'
import type { GameServerState } from '../../orchestrator/cluster/fleets.ts'
import { type Counter, type CounterUpdate, updateCounter } from './counters.ts'

/** As Agones has them; `Reserved` is known to the SDK only. */
export type RecordState = GameServerState | 'Reserved'

/** What a GameServer object says, in the shape that both transports of the SDK translate. */
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

/** Annotation that says: drain me. Fleets carry it in `allocationOverflow`, and an operator's drain sets it; the server sees it by its watch. */
export const DRAIN_ANNOTATION = 'strata.dev/drain'

/**
 * One GameServer object, as the Kubernetes API would keep it.
 *
 * | from                      | to        | who                                                       |
 * | ------------------------- | --------- | --------------------------------------------------------- |
 * | Creating, Reserved, Allocated | Ready | the server (SDK.Ready), or its last copy is gone (give back) |
 * | Creating, Ready, Reserved | Allocated | an allocation (from Ready only), or the server (SDK.Allocate) |
 * | Creating, Ready, Allocated | Reserved | the server (SDK.Reserve)                                  |
 * | any but the last two      | Unhealthy | no health ping in time, or the process failed             |
 * | any but the last two      | Shutdown  | the server (SDK.Shutdown), a scale-down, the process ended |
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

  /** `false` and nothing changed when the table above has no such row. */
  to(state: Exclude<RecordState, 'Creating'>, now: Instant): boolean {
    if (this.terminal) return false
    // The annotation changes at every allocation, also Allocated → Allocated: that is how a server sees a second one.
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

  /** The SDK cannot touch any other key than those with this prefix. */
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

  /** Calls back after each change; returns how to stop that. */
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
