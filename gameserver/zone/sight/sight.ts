import type { DurationMs } from '../../../model/clock.ts'
import type { EntityId } from '../../../model/ids.ts'
import type { EntityTable } from '../../../model/wire/entities/entityTable.ts'
import { ENTERED, emptyPicture, LEFT, type Picture, UPDATED, UPDATED_WIDTH } from '../../../model/wire/entities/picture.ts'
import { Allowance } from './allowance.ts'
import { Candidates, WAITS } from './candidates.ts'
import type { Dialect } from './dialects.ts'
import type { InterestGrid } from './interestGrid.ts'
import { AUDIENCE, KNOWN, KNOWN_WIDTH, Known, NONE } from './known.ts'
import { ACTING_WEIGHT, intervalMs, LATE_WEIGHT, PARTY_WEIGHT, RANKS, rankOf } from './priority.ts'
import { type Point, Surroundings } from './surroundings.ts'

export interface SightRange {
  /** An entity becomes visible at this distance, in metres. */
  radius: number
  /** A visible entity stays visible until it is this many metres beyond `radius`, so that it does not flicker at the edge. */
  margin: number
}

/** Whose eyes a snapshot is for. */
export interface Viewer {
  x: number
  y: number
  z?: number
  /** The viewer's own body; 0 before it is in the room. */
  id: EntityId
  /** Number of the viewer's party in the table; 0 for none. */
  party: number
}

/** When and how a snapshot is made. */
export interface Moment {
  tick: number
  stepMs: DurationMs
  /** Number of the newest input of this client that the room has applied. */
  lastInput: number
  /** The viewer is being moved: nothing leaves its sight. */
  held: boolean
  /** Average bytes a second for this client now. */
  bytesPerSecond: number
  /** Above 1, the room saves work: entities that are not near are updated this many times less often than usual, although the budget allows more. */
  thin: number
  dialect: Dialect
}

/** Bytes of entities that may enter in one snapshot; the others follow in the next ones, nearest first. A full snapshot has all. */
const ENTER_BYTES_MAX = 8 * 1024

/** Longest time in ms without a snapshot: clients learn the server's clock from them. */
const SILENT_MAX_MS: DurationMs = 500

/** Reused by all sights of the process: a snapshot is computed at once. */
const candidates = new Candidates()
const picture = emptyPicture()
/** Slots of what is in range and not known yet. */
const entering: number[] = []
/** Where the viewer is, in steps. */
const eye: Point = { x: 0, y: 0, z: 0 }

/** Tracks which entities one client knows, and computes the next snapshot from the difference. */
export class Sight {
  readonly #range: SightRange
  readonly #known = new Known()
  readonly #surroundings = new Surroundings()
  readonly #allowance = new Allowance()
  readonly #weights = new Map<EntityId, number>()
  #full = true
  #lastInput = 0
  #lastTick = 0
  #hadNews = false

  constructor(range: SightRange) {
    this.#range = range
  }

  sees(id: EntityId, { table }: Pick<InterestGrid, 'table'>): boolean {
    const slot = table.slotOf(id)
    return slot !== undefined && this.#known.indexOf(slot, id) !== NONE
  }

  /** Makes the next snapshot a full one. */
  reset(): void {
    this.#known.clear()
    this.#surroundings.reset()
    this.#full = true
  }

  /** How much more often than usual an entity is updated for this client while its budget is short; 1 is as usual. */
  weigh(id: EntityId, weight: number): void {
    if (weight === 1) this.#weights.delete(id)
    else this.#weights.set(id, weight)
  }

  /** Computes the next snapshot. Returns undefined when nothing changed. The picture is valid until the next call on any sight. */
  next(grid: InterestGrid, viewer: Viewer, moment: Moment): Picture | undefined {
    const { tick, stepMs, lastInput, bytesPerSecond, thin } = moment
    const { table } = grid
    for (const rows of [picture.left, picture.entered, picture.updated]) rows.clear()
    this.#allowance.accrue(bytesPerSecond, tick * stepMs)
    this.#look(grid, viewer)
    const masks = this.#compare(grid, viewer, moment)
    if (thin > 1 || picture.updated.count * moment.dialect.updateBytesMax(table, masks) > this.#allowance.bytes) this.#choose(grid, viewer, moment)
    this.#enter(grid, viewer, moment)
    if (!this.#full && !moment.held && this.#nothingNew(moment)) return undefined
    picture.tick = tick
    picture.lastInput = lastInput
    picture.full = this.#full
    this.#full = false
    this.#lastInput = lastInput
    this.#lastTick = tick
    return picture
  }

  /** Tick of the last snapshot. */
  get lastTick(): number {
    return this.#lastTick
  }

  #nothingNew({ tick, stepMs, lastInput, dialect }: Moment): boolean {
    const { left, entered, updated } = picture
    const before = this.#hadNews
    this.#hadNews = left.count + entered.count + updated.count > 0
    if (this.#hadNews) return false
    // One without changes after the last one with some: then clients know that what moved has stopped, and is not only late.
    if (before && dialect.version > 1) return false
    // Clients of protocol 1 take each snapshot for a change, and get their inputs acknowledged by messages.
    return dialect.version === 1 || (lastInput === this.#lastInput && (tick - this.#lastTick) * stepMs < SILENT_MAX_MS)
  }

  /** Tells how many bytes the last snapshot had. */
  spent(bytes: number): void {
    this.#allowance.spend(bytes)
  }

  /** Finds where the viewer is, and what is in range and not known. */
  #look(grid: InterestGrid, { x, y, z = 0 }: Viewer): void {
    const { table } = grid
    this.#known.fit(table.capacity)
    eye.x = table.steps(x)
    eye.y = table.steps(y)
    eye.z = table.entities.dimensions === 3 ? table.steps(z) : 0
    this.#surroundings.newcomers(grid, this.#known, eye, { radius: this.#range.radius * table.perMetre, into: entering })
  }

  /**
   * Lists what has left, and updates for what changed of everything in sight since the client was up to date. Counts all of these as sent. Returns all
   * changes of all entities as one mask. Runs for each entity in each sight: it allocates nothing.
   */
  #compare(grid: InterestGrid, viewer: Viewer, { tick, held, dialect }: Moment): number {
    const { table } = grid
    const { ids, changed, visible, x, y, z } = table
    const { rows, end } = this.#known
    const { updated } = picture
    const values = updated.room(end)
    const outer = ((this.#range.radius + this.#range.margin) * table.perMetre) ** 2
    let masks = 0
    for (let index = 0; index < end; index++) {
      const at = index * KNOWN_WIDTH
      const slot = rows[at + KNOWN.slot] ?? NONE
      if (slot === NONE) continue
      if (((ids[slot] ?? 0) | 0) !== rows[at + KNOWN.id] || grid.squaredDistance(slot, eye) > outer) {
        this.#leave(index, held)
        continue
      }
      const since = rows[at + KNOWN.current] ?? 0
      const before = rows[at + KNOWN.audience] ?? 0
      const now = audienceOf(table, slot, viewer)
      let mask = (changed[slot] ?? 0) > since ? table.changesSince(slot, since) : 0
      // Members of a new party show more: that counts as changed.
      if (now > before) mask |= (visible[now] ?? 0) & ~(visible[before] ?? 0)
      mask &= (visible[now] ?? 0) & dialect.mask
      rows[at + KNOWN.current] = tick
      if (mask === 0) {
        if (now < before) rows[at + KNOWN.audience] = now
        continue
      }
      masks |= mask
      const row = updated.count++ * UPDATED_WIDTH
      values[row + UPDATED.index] = index
      values[row + UPDATED.slot] = slot
      values[row + UPDATED.mask] = mask
      values[row + UPDATED.current] = since
      values[row + UPDATED.audience] = Math.min(before, now)
      values[row + UPDATED.x] = rows[at + KNOWN.x] ?? 0
      values[row + UPDATED.y] = rows[at + KNOWN.y] ?? 0
      values[row + UPDATED.z] = rows[at + KNOWN.z] ?? 0
      rows[at + KNOWN.audience] = now
      rows[at + KNOWN.x] = x[slot] ?? 0
      rows[at + KNOWN.y] = y[slot] ?? 0
      rows[at + KNOWN.z] = z[slot] ?? 0
    }
    return masks
  }

  #leave(index: number, held: boolean): void {
    const known = this.#known
    this.#surroundings.add(known.get(index, KNOWN.slot))
    if (held) return known.forget(index)
    const { left } = picture
    const row = left.add()
    left.set(row, LEFT.index, index)
    left.set(row, LEFT.id, known.get(index, KNOWN.id))
    known.remove(index)
  }

  /** Removes the updates that have to wait, and what `#compare` noted of them. */
  #choose(grid: InterestGrid, viewer: Viewer, moment: Moment): void {
    const { rows } = this.#known
    const { updated } = picture
    this.#rank(grid, viewer, moment)
    candidates.choose(updated.count, this.#allowance, moment.thin > 1)
    const { values } = updated
    let kept = 0
    for (let n = 0; n < updated.count; n++) {
      const row = n * UPDATED_WIDTH
      if (candidates.rank[n] !== WAITS) {
        values.copyWithin(kept++ * UPDATED_WIDTH, row, row + UPDATED_WIDTH)
        continue
      }
      const at = (values[row + UPDATED.index] ?? 0) * KNOWN_WIDTH
      rows[at + KNOWN.current] = values[row + UPDATED.current] ?? 0
      rows[at + KNOWN.audience] = values[row + UPDATED.audience] ?? 0
      rows[at + KNOWN.x] = values[row + UPDATED.x] ?? 0
      rows[at + KNOWN.y] = values[row + UPDATED.y] ?? 0
      rows[at + KNOWN.z] = values[row + UPDATED.z] ?? 0
    }
    updated.count = kept
  }

  /** Ranks the updates: how long they are overdue, by distance, party, target and urgency. */
  #rank(grid: InterestGrid, viewer: Viewer, { tick, stepMs, thin, dialect }: Moment): void {
    const { table } = grid
    const { masks } = table.entities
    const { updated } = picture
    const { radius } = this.#range
    candidates.fit(updated.count)
    for (let row = 0; row < updated.count; row++) {
      const mask = updated.at(row, UPDATED.mask)
      const slot = updated.at(row, UPDATED.slot)
      const id = table.ids[slot] ?? 0
      candidates.bytes[row] = dialect.updateBytes(table, slot, mask)
      if (id === viewer.id || (mask & masks.now) !== 0) {
        candidates.rank[row] = RANKS - 1
        continue
      }
      let weight = this.#weights.get(id) ?? 1
      if (updated.at(row, UPDATED.audience) === AUDIENCE.party) weight *= PARTY_WEIGHT
      if (table.actsOn(slot, viewer.id)) weight *= ACTING_WEIGHT
      if ((mask & ~masks.late) === 0) weight *= LATE_WEIGHT
      const metres = Math.sqrt(grid.squaredDistance(slot, eye)) / table.perMetre
      candidates.rank[row] = rankOf((tick - updated.at(row, UPDATED.current)) * stepMs, intervalMs(metres, { radius, weight, thin }))
    }
  }

  #enter(grid: InterestGrid, viewer: Viewer, { tick, dialect }: Moment): void {
    if (entering.length === 0) return
    const { table } = grid
    const { entered } = picture
    const known = this.#known
    let left = this.#full ? Number.POSITIVE_INFINITY : ENTER_BYTES_MAX
    entering.sort((a, b) => grid.squaredDistance(a, eye) - grid.squaredDistance(b, eye) || a - b)
    for (const slot of entering) {
      const mask = (table.visible[audienceOf(table, slot, viewer)] ?? 0) & dialect.mask
      left -= dialect.enterBytes(table, slot, mask)
      if (left < 0) return
      const index = known.add(slot, table.ids[slot] ?? 0)
      const row = entered.add()
      entered.set(row, ENTERED.index, index)
      entered.set(row, ENTERED.slot, slot)
      entered.set(row, ENTERED.mask, mask)
      remember(known.rows, index, table, { slot, viewer, tick })
    }
  }
}

/** The client will know the present values of the entity. */
function remember(rows: Int32Array, index: number, table: EntityTable, { slot, viewer, tick }: { slot: number; viewer: Viewer; tick: number }): void {
  const at = index * KNOWN_WIDTH
  rows[at + KNOWN.current] = tick
  rows[at + KNOWN.audience] = audienceOf(table, slot, viewer)
  rows[at + KNOWN.x] = table.x[slot] ?? 0
  rows[at + KNOWN.y] = table.y[slot] ?? 0
  rows[at + KNOWN.z] = table.z[slot] ?? 0
}

function audienceOf(table: EntityTable, slot: number, { id, party }: Viewer): number {
  if (table.ids[slot] === id) return AUDIENCE.owner
  return party !== 0 && table.party[slot] === party ? AUDIENCE.party : AUDIENCE.all
}
