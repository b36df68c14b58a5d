import type { EntityId } from '../../model/ids.ts'
import type { SeenEntityOf } from '../../model/wire/entities/defineEntities.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import { type InterpolatedField, plainFields, turn } from './fields.ts'

/** Samples that are kept of one entity. Enough for a second and a half at 20 a second. */
const CAPACITY = 32
/** Time in ms in which most of a correction is made (all but a third). Shorter ones look like a jerk, longer ones like sliding. */
export const CORRECTION_MS = 200
/** Longest time between two updates of one entity that counts as its usual one, in ms. */
const SPACING_MAX_MS = 2_000
/** An entity whose updates are this many times rarer than the snapshots is thinned by the server, and not only unlucky. */
const RARE = 1.5
/** Pace at which the extra delay of a rarely updated entity changes: ms per ms. */
const EXTRA_PACE = 0.25
/** Distance in metres between two samples above which an entity is shown to jump instead of to dash. A body at 100 m/s covers 10 m in a tenth of a second. */
const JUMP_M = 20
/** Corrections below this are finished; a twentieth of the wire's steps. */
const NEGLIGIBLE = 0.001

/**
 * An entity as it is shown now: the interpolated fields at the shown moment, declared ones included. `latest` is what the server said last, of all fields.
 * `E`: the type of the game's declaration.
 */
export interface ShownEntity<E = unknown> {
  readonly id: EntityId
  x: number
  y: number
  /** In games of three dimensions. */
  z?: number
  heading: number
  readonly latest: SeenEntityOf<E>
}

/** What all tracks have in common at one moment. All times in ms on the timeline of the view. */
export interface Moment {
  /** The moment that is shown. */
  shownMs: number
  /** Time since the last frame. */
  elapsedMs: number
  /** Usual time between two snapshots. */
  spacingMs: number
  /** Time of the newest snapshot. */
  newestMs: number
  /** Whether moving entities are carried on beyond the newest snapshot. */
  extrapolating: boolean
}

/** Where one entity was, by the snapshots, and where it is shown. Memory is allocated once; sampling allocates nothing. */
export class Track {
  readonly shown: Omit<ShownEntity, 'latest'> & { latest: EntityView }
  /** The entity leaves the view when this moment is shown. */
  endMs = Number.POSITIVE_INFINITY
  /** Whether the entity is in the view already. Others enter when the time of their first sample is shown. */
  visible: boolean
  /** Whether the client has switched to another server since the last sample. */
  movedServer = false
  #fields: readonly InterpolatedField[]
  readonly #times = new Float64Array(CAPACITY)
  #values: Float64Array
  #count = 0
  #spacingMs = 0
  #lastGapMs = 0
  #extraMs = 0
  #shownMs = Number.NEGATIVE_INFINITY
  #raw: Float64Array
  #correction: Float64Array
  #correcting = false
  #carried = false
  /** The samples have changed behind the shown moment. */
  #changed = false

  constructor(entity: EntityView, visible: boolean, fields: readonly InterpolatedField[] = plainFields) {
    this.#fields = fields
    this.#values = new Float64Array(CAPACITY * fields.length)
    this.#raw = new Float64Array(fields.length)
    this.#correction = new Float64Array(fields.length)
    this.visible = visible
    this.shown = { id: entity.id, x: entity.x, y: entity.y, heading: entity.heading, latest: entity }
  }

  /** The fields that the server's layout has from now on. During a roll-out the next server may have others: then the samples start again. */
  interpolate(fields: readonly InterpolatedField[]): void {
    if (fields === this.#fields) return
    const same =
      fields.length === this.#fields.length && fields.every(({ name, as }, index) => this.#fields[index]?.name === name && this.#fields[index]?.as === as)
    this.#fields = fields
    if (same) return
    this.clear()
    this.#values = new Float64Array(CAPACITY * fields.length)
    this.#raw = new Float64Array(fields.length)
    this.#correction = new Float64Array(fields.length)
  }

  get startMs(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#time(Math.max(0, this.#count - CAPACITY))
  }

  /**
   * Adds what a snapshot says. `spacingMs` is the usual time between two snapshots. `movedServer`: the last sample is of another server, and the entity has
   * walked since then.
   */
  push(atMs: number, entity: EntityView, spacingMs: number, movedServer = false): void {
    this.shown.latest = entity
    this.endMs = Number.POSITIVE_INFINITY
    if (this.#count === 0) return this.#add(atMs, entity)
    const newest = this.#time(this.#count - 1)
    if (atMs <= newest) {
      this.#write(this.#count - 1, newest, entity)
      this.#changed = true
      return
    }
    const gap = atMs - newest
    const usual = Math.max(spacingMs, this.#spacingMs)
    if (movedServer && this.#shownMs > newest) {
      // It has stood still in the view. The correction lets it catch up.
      this.#count = 0
      this.#changed = true
      return this.#add(atMs, entity)
    }
    const from = this.#isJump(entity) ? atMs - 0.001 : movedServer || gap <= RARE * usual ? newest : atMs - usual
    if (from > newest) this.#repeat(from)
    this.#changed ||= this.#shownMs > from
    this.#add(atMs, entity)
    // Two in a row, so that an entity that stood still for a while does not count as rarely updated.
    this.#spacingMs = Math.min(gap, this.#lastGapMs, SPACING_MAX_MS)
    this.#lastGapMs = gap
  }

  /** Forgets all samples: the entity is on another map, whose coordinates are others. It stays in the view, where it is, until the next sample. */
  clear(): void {
    this.#count = 0
    this.#spacingMs = 0
    this.#lastGapMs = 0
    this.#extraMs = 0
    this.#correcting = false
    this.#carried = false
    this.#changed = false
    this.#shownMs = Number.NEGATIVE_INFINITY
  }

  /** Puts the fields of the shown moment into `shown`. */
  sample({ shownMs, elapsedMs, spacingMs, newestMs, extrapolating }: Moment): void {
    if (this.#count === 0) return
    const rare = this.#spacingMs > RARE * spacingMs ? this.#spacingMs : 0
    const pace = EXTRA_PACE * elapsedMs
    this.#extraMs += Math.max(-pace, Math.min(pace, rare - this.#extraMs))
    const at = shownMs - this.#extraMs
    const carry = extrapolating && at > newestMs && this.#time(this.#count - 1) === newestMs
    const jumps = (this.#changed || (this.#carried && !carry)) && this.#shownMs > Number.NEGATIVE_INFINITY
    this.#changed = false
    this.#carried = carry
    this.#shownMs = at
    this.#show(at, carry, jumps, Math.exp(-elapsedMs / CORRECTION_MS))
  }

  #show(at: number, carry: boolean, jumps: boolean, kept: number): void {
    const stride = this.#fields.length
    let after = this.#count - 1
    const oldest = Math.max(0, this.#count - CAPACITY)
    while (after > oldest && this.#time(after - 1) >= at) after--
    const before = Math.max(oldest, after - 1)
    const [from, to] = [this.#time(before), this.#time(after)]
    const ratio = to > from ? Math.max(0, carry ? (at - from) / (to - from) : Math.min(1, (at - from) / (to - from))) : 1
    let left = false
    for (let index = 0; index < stride; index++) {
      const field = this.#fields[index]
      if (field === undefined) continue
      const angle = field.as === 'angle'
      const [a, b] = [this.#values[(before % CAPACITY) * stride + index] ?? 0, this.#values[(after % CAPACITY) * stride + index] ?? 0]
      const raw = a + (angle ? turn(a, b) : b - a) * ratio
      let correction = this.#correcting ? (this.#correction[index] ?? 0) * kept : 0
      if (jumps) correction += angle ? turn(raw, this.#raw[index] ?? 0) : (this.#raw[index] ?? 0) - raw
      if (field.as === 'position' && Math.abs(correction) > JUMP_M) correction = 0
      this.#raw[index] = raw
      this.#correction[index] = correction
      left ||= Math.abs(correction) > NEGLIGIBLE
      write(this.shown, field, raw + (Math.abs(correction) > NEGLIGIBLE ? correction : 0))
    }
    this.#correcting = left
  }

  #isJump(entity: EntityView): boolean {
    const stride = this.#fields.length
    let squared = 0
    for (let index = 0; index < stride; index++) {
      const field = this.#fields[index]
      if (field?.as !== 'position') continue
      squared += (numberOf(entity, field) - (this.#values[((this.#count - 1) % CAPACITY) * stride + index] ?? 0)) ** 2
    }
    return squared > JUMP_M * JUMP_M
  }

  #time(index: number): number {
    return this.#times[index % CAPACITY] ?? 0
  }

  #add(atMs: number, entity: EntityView): void {
    this.#write(this.#count++, atMs, entity)
  }

  #write(index: number, atMs: number, entity: EntityView): void {
    const stride = this.#fields.length
    this.#times[index % CAPACITY] = atMs
    for (let field = 0; field < stride; field++) {
      const one = this.#fields[field]
      if (one !== undefined) this.#values[(index % CAPACITY) * stride + field] = numberOf(entity, one)
    }
  }

  /** The newest sample still held at this time. */
  #repeat(atMs: number): void {
    const stride = this.#fields.length
    const newest = ((this.#count - 1) % CAPACITY) * stride
    this.#times[this.#count % CAPACITY] = atMs
    this.#values.copyWithin((this.#count % CAPACITY) * stride, newest, newest + stride)
    this.#count++
  }
}

/** Interpolated fields are numbers; one that this player may not see is absent. */
function numberOf(entity: object, { name }: InterpolatedField): number {
  return (entity as Record<string, number>)[name] ?? 0
}

function write(shown: object, { name }: InterpolatedField, value: number): void {
  ;(shown as Record<string, number>)[name] = value
}
