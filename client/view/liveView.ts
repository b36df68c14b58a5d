import type { EntityId } from '../../model/ids.ts'
import type { EntitiesLayout } from '../../model/wire/entities/defineEntities.ts'
import type { LiveMessage } from '../../model/wire/room.ts'
import type { EntityView, Snapshot } from '../../model/wire/snapshot.ts'
import type { ViewChange, WorldView } from '../worldView.ts'
import { fieldsOf, plainFields } from './fields.ts'
import { type Pose, type Predict, Prediction } from './prediction.ts'
import { RoundTrip } from './roundTrip.ts'
import { Scene } from './scene.ts'
import { ServerClock } from './serverClock.ts'
import type { ShownEntity } from './track.ts'

/** How far behind the servers this client is. All in ms. */
export interface Lag {
  /** Time of a message to the server and back: the median of the last five. Undefined until it is measured; measuring begins when `lag` or `sample` is first used. */
  roundTripMs: number | undefined
  /** Nine of ten snapshots arrive at most this much later than the fastest ones. */
  jitterMs: number
  /** Usual time between two snapshots. */
  snapshotMs: number
  /** How far behind the newest snapshots `sample` shows other entities. It follows jitter and spacing. */
  delayMs: number
  /** Time from an input until a snapshot shows its effect; only with `predict`. */
  inputMs: number | undefined
}

/** Share of the snapshots that `jitterMs` covers. */
const JITTER_SHARE = 0.9

/** What a world shows between two snapshots, over all its servers: other entities a little in the past, and the own body where inputs have brought it. */
export class LiveView {
  readonly #world: WorldView
  readonly #prediction: Prediction<Pose, unknown> | undefined
  readonly #roundTrip = new RoundTrip()
  #clock = new ServerClock()
  /** The clock of the server where the client is on standby. */
  #next: ServerClock | undefined
  #fields = plainFields
  #nextFields = plainFields
  #scene: Scene | undefined
  #live: LiveMessage | undefined

  constructor(world: WorldView, predict: Predict<Pose, unknown> | undefined) {
    this.#world = world
    this.#prediction = predict === undefined ? undefined : new Prediction(predict, this.#clock)
  }

  /** The character is live: on the server of the standby with `moved`, else on a server that the client has just entered. */
  live(message: LiveMessage, nowMs: number, { moved }: { moved: boolean }): void {
    const sameMap = this.#live?.map === message.map
    this.#clock = (moved ? this.#next : undefined) ?? new ServerClock()
    this.#clock.stepMs = 1_000 / message.tickRate
    // The layout of another server arrived before, that of the first one comes next.
    if (moved) this.#fields = this.#nextFields
    this.forgetStandby()
    this.#live = message
    this.#scene?.switchTo(this.#clock, nowMs, { sameMap, fields: this.#fields })
    this.#prediction?.live(this.#clock, message.self, { sameMap: sameMap && moved, nowMs })
  }

  /** A server where the client is on standby has sent a snapshot of this step. */
  standby(tick: number, nowMs: number): void {
    this.#next ??= new ServerClock()
    this.#next.received(tick, nowMs)
  }
  /** The move is given up. */
  forgetStandby(): void {
    this.#next = undefined
    this.#nextFields = plainFields
  }

  /** What a server's entities have; it arrives before the server's first snapshot. */
  layout(layout: EntitiesLayout, { standby }: { standby: boolean }): void {
    const fields = fieldsOf(layout)
    if (standby) this.#nextFields = fields
    else this.#fields = fields
    if (!standby) this.#scene?.interpolate(fields)
  }

  sent(seq: number, data: unknown, nowMs: number): void {
    this.#prediction?.sent(seq, data, nowMs)
  }
  /** The inputs were discarded when a connection broke. */
  forgetInputs(): void {
    this.#prediction?.forget()
  }

  /** The live server's snapshot, which the world's view has applied with this change. */
  snapshot(snapshot: Snapshot, change: ViewChange, nowMs: number): void {
    const { tick, lastInput, entered, changed, left } = snapshot
    this.#clock.received(tick, nowMs, entered.length + changed.length + left.length === 0)
    this.#scene?.apply(snapshot, this.#world.entities, change, nowMs)
    const body = this.#body
    if (body !== undefined) this.#prediction?.snapshot({ tick, lastInput, body }, nowMs)
  }

  sample(nowMs: number): ReadonlyMap<EntityId, ShownEntity> {
    this.#scene ??= new Scene(this.#clock, this.#world.entities, nowMs, this.#fields)
    const shown = this.#scene.sample(nowMs)
    const own = this.#live === undefined ? undefined : this.#scene.shown.get(this.#live.entity)
    if (own !== undefined && this.#prediction?.ready === true) Object.assign(own, this.#prediction.sample(nowMs))
    return shown
  }

  /** The step of the live server that the player sees: of the last `sample`, else of the newest snapshot. */
  get seenTick(): number {
    return this.#scene?.shownTick ?? this.#clock.newestTick
  }

  lag(): Lag {
    const clock = this.#clock
    return {
      roundTripMs: this.#roundTrip.ms,
      jitterMs: clock.latenessMs(JITTER_SHARE),
      snapshotMs: clock.spacingMs,
      delayMs: this.#scene?.delayMs ?? 0,
      inputMs: this.#prediction?.aheadMs,
    }
  }

  /** Measures the round trip from time to time. */
  measure(link: Parameters<RoundTrip['measure']>[0], nowMs: number): void {
    this.#roundTrip.measure(link, nowMs)
  }

  get #body(): EntityView | undefined {
    return this.#live === undefined ? undefined : this.#world.entities.get(this.#live.entity)
  }
}
