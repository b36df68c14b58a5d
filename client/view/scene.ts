import type { EntityId } from '../../model/ids.ts'
import type { EntityView, Snapshot } from '../../model/wire/snapshot.ts'
import type { ViewChange } from '../worldView.ts'
import { type InterpolatedField, plainFields } from './fields.ts'
import { PacedTime } from './pacedTime.ts'
import type { ServerClock } from './serverClock.ts'
import { type Moment, type ShownEntity, Track } from './track.ts'

/** Share of the snapshots that may arrive after their moment was due. The view lags behind the server by as much as this needs. */
const LATE_SHARE = 0.1
/** Longest time in ms by which the view lags behind what arrives. On a worse connection things stop and go. */
const DELAY_MAX_MS = 1_000
/** Longest time in ms for which moving entities are carried on without a snapshot. After that the view stands still and waits. */
const EXTRAPOLATE_MS = 100
/** Without a snapshot for this time, in ms, nothing moves: a server of protocol 1 sends none in a scene without changes. */
const QUIET_MS = 1_500

/**
 * The entities of a view as they are shown: a little in the past, between two snapshots, on one timeline over all servers. Each server counts its own steps, so
 * every server's time is placed on the timeline at the moment when the client switches to it.
 */
export class Scene {
  /** Entities that are shown, each the same object while it is visible, also across moves. */
  readonly shown = new Map<EntityId, ShownEntity>()
  readonly #tracks = new Map<EntityId, Track>()
  readonly #order: Track[] = []
  readonly #time = new PacedTime()
  #fields: readonly InterpolatedField[]
  #clock: ServerClock
  /** Time of the view minus time of the server, in ms. */
  #originMs = 0
  /** Set while the server that the client has switched to has sent nothing: its first snapshot belongs to this time of the view, plus what has passed since. */
  #switched: { viewMs: number; nowMs: number } | undefined
  #delayMs = 0
  #heardAt = 0
  /** Whether the newest snapshot has changes. After an empty one nothing moves until the next. */
  #lively = true
  #frameAt = Number.NaN
  readonly #moment: Moment = { shownMs: 0, elapsedMs: 0, spacingMs: 0, newestMs: Number.NEGATIVE_INFINITY, extrapolating: false }

  /** `entities`: what the view holds already, of step `clock.newestTick`. */
  constructor(clock: ServerClock, entities: ReadonlyMap<EntityId, EntityView>, nowMs: number, fields = plainFields) {
    this.#clock = clock
    this.#fields = fields
    if (!clock.known) return
    this.#hear(clock.newestTick, nowMs)
    for (const entity of entities.values()) this.#push(entity, this.#moment.newestMs, true)
  }

  /** How far in the past the entities are shown, in ms: the wanted time. The view approaches it slowly. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** The live server's step that `sample` has shown last, interpolation included; 0 before its first snapshot. */
  get shownTick(): number {
    if (!this.#clock.known || this.#switched !== undefined) return 0
    return Math.max(0, Math.floor((this.#moment.shownMs - this.#originMs) / this.#clock.stepMs))
  }

  /** From now on the snapshots are of another server. `sameMap`: its coordinates are the same. */
  switchTo(clock: ServerClock, nowMs: number, { sameMap, fields = this.#fields }: { sameMap: boolean; fields?: readonly InterpolatedField[] }): void {
    const viewMs = this.#viewMs(nowMs)
    this.#fields = fields
    this.#clock = clock
    this.#switched = undefined
    if (clock.known) this.#originMs = viewMs - clock.serverMs(nowMs)
    else this.#switched = { viewMs, nowMs }
    for (const track of this.#order) {
      track.movedServer = true
      if (!sameMap) track.clear()
    }
  }

  /** From now on the snapshots have these fields. */
  interpolate(fields: readonly InterpolatedField[]): void {
    this.#fields = fields
  }

  /** Adds a snapshot that the server's clock has been given before. `entities`: what the view holds after it; `change`: who entered and left with it. */
  apply(snapshot: Snapshot, entities: ReadonlyMap<EntityId, EntityView>, change: ViewChange, nowMs: number): void {
    this.#place(nowMs)
    const first = this.#order.length === 0
    const atMs = this.#hear(snapshot.tick, nowMs)
    this.#lively = snapshot.entered.length + snapshot.changed.length > 0
    for (const { id } of snapshot.entered) this.#push(entities.get(id), atMs, first)
    for (const { id } of snapshot.changed) this.#push(entities.get(id), atMs, first)
    for (const { id } of change.left) {
      const track = this.#tracks.get(id)
      if (track !== undefined) track.endMs = track.startMs === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : atMs
    }
  }

  /** Brings `shown` to the moment of the frame at `nowMs`. A second call for the same frame changes nothing. */
  sample(nowMs: number): ReadonlyMap<EntityId, ShownEntity> {
    if (nowMs <= this.#frameAt || (!this.#clock.known && this.#switched === undefined)) return this.shown
    const moment = this.#moment
    moment.elapsedMs = Number.isNaN(this.#frameAt) ? 0 : nowMs - this.#frameAt
    this.#frameAt = nowMs
    moment.extrapolating = this.#lively && nowMs - this.#heardAt < QUIET_MS
    const limit = moment.extrapolating ? moment.newestMs + EXTRAPOLATE_MS : Number.POSITIVE_INFINITY
    moment.shownMs = this.#time.follow(this.#viewMs(nowMs) - this.#delayMs, nowMs, limit)
    for (let index = 0; index < this.#order.length; index++) {
      const track = this.#order[index]
      if (track !== undefined && !this.#show(track, moment)) index = this.#remove(track, index)
    }
    return this.shown
  }

  /** Returns whether the track is still needed. */
  #show(track: Track, moment: Moment): boolean {
    if (track.endMs <= moment.shownMs) return false
    if (!track.visible) {
      if (track.startMs > moment.shownMs) return true
      track.visible = true
    }
    track.sample(moment)
    if (!this.shown.has(track.shown.id)) this.shown.set(track.shown.id, track.shown)
    return true
  }

  /** Returns the index at which the loop over all tracks goes on. */
  #remove(track: Track, index: number): number {
    const { id } = track.shown
    this.shown.delete(id)
    this.#tracks.delete(id)
    const last = this.#order.pop()
    if (last !== undefined && last !== track) this.#order[index] = last
    return index - 1
  }

  /** A snapshot of this step has arrived. Returns its time on the timeline. */
  #hear(tick: number, nowMs: number): number {
    const [clock, moment] = [this.#clock, this.#moment]
    const atMs = tick * clock.stepMs + this.#originMs
    this.#heardAt = nowMs
    moment.spacingMs = clock.spacingMs
    moment.newestMs = Math.max(moment.newestMs, atMs)
    this.#delayMs = Math.min(DELAY_MAX_MS, moment.spacingMs + clock.latenessMs(1 - LATE_SHARE))
    return atMs
  }

  #push(entity: EntityView | undefined, atMs: number, visible: boolean): void {
    if (entity === undefined) return
    let track = this.#tracks.get(entity.id)
    if (track === undefined) {
      track = new Track(entity, visible, this.#fields)
      this.#tracks.set(entity.id, track)
      this.#order.push(track)
    }
    track.interpolate(this.#fields)
    track.push(atMs, entity, this.#moment.spacingMs, track.movedServer)
    track.movedServer = false
  }

  /** Places the time of a server on the timeline when its first snapshot has arrived. */
  #place(nowMs: number): void {
    if (this.#switched === undefined) return
    this.#originMs = this.#switched.viewMs + (nowMs - this.#switched.nowMs) - this.#clock.serverMs(nowMs)
    this.#switched = undefined
  }

  #viewMs(nowMs: number): number {
    if (this.#switched !== undefined) return this.#switched.viewMs + (nowMs - this.#switched.nowMs)
    return this.#clock.known ? this.#clock.serverMs(nowMs) + this.#originMs : 0
  }
}
