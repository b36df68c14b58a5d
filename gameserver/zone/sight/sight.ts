import type { DurationMs } from '../../../model/clock.ts'
import type { EntityId } from '../../../model/ids.ts'
import type { EntityTable } from '../../../model/wire/entities/entityTable.ts'
import { ENTERED, emptyPicture, LEFT, type Picture, UPDATED } from '../../../model/wire/entities/picture.ts'
import { Allowance } from './allowance.ts'
import { Candidates } from './candidates.ts'
import type { Dialect } from './dialects.ts'
import type { InterestGrid } from './interestGrid.ts'
import { AUDIENCE, Known, NONE } from './known.ts'
import { ACTING_WEIGHT, intervalMs, LATE_WEIGHT, PARTY_WEIGHT, RANKS, rankOf } from './priority.ts'

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
/** What is in range and not known yet, as places in `InterestGrid.found`. */
const entering: number[] = []

/** Tracks which entities one client knows, and computes the next snapshot from the difference. */
export class Sight {
  readonly #range: SightRange
  readonly #known = new Known()
  readonly #allowance = new Allowance()
  readonly #weights = new Map<EntityId, number>()
  #round = 0
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
    this.#compare(table, viewer, moment)
    if (candidates.totalBytes > this.#allowance.bytes || thin > 1) {
      this.#rank(table, viewer, moment)
      candidates.choose(this.#allowance.bytes, this.#allowance.floorBytes, thin > 1)
    }
    this.#update(table, viewer, tick)
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

  /** Finds what is in range: marks what the client knows, and lists the others. */
  #look(grid: InterestGrid, { x, y, z = 0 }: Viewer): void {
    const { table } = grid
    const known = this.#known
    known.fit(table.capacity)
    const { radius, margin } = this.#range
    const inner = (radius * table.perMetre) ** 2
    const height = table.entities.dimensions === 3 ? table.steps(z) : 0
    const count = grid.collect({ x: table.steps(x), y: table.steps(y), z: height }, (radius + margin) * table.perMetre)
    const { found, distances } = grid
    const round = ++this.#round
    entering.length = 0
    for (let n = 0; n < count; n++) {
      const slot = found[n] ?? 0
      const distance = distances[n] ?? 0
      const index = known.indexOf(slot, table.ids[slot] ?? 0)
      if (index !== NONE) {
        known.round[index] = round
        known.distance[index] = distance
      } else if (distance <= inner) entering.push(n)
    }
  }

  /** Lists what has left, and what changed of everything in sight since the client was up to date. */
  #compare(table: EntityTable, viewer: Viewer, { tick, held, dialect }: Moment): void {
    const known = this.#known
    candidates.clear()
    for (let index = 0; index < known.end; index++) {
      const slot = known.slot[index] ?? NONE
      if (slot === NONE) continue
      if (known.round[index] !== this.#round) this.#leave(index, held)
      else this.#compareOne(table, viewer, { index, slot, tick, dialect })
    }
  }

  #compareOne(table: EntityTable, viewer: Viewer, { index, slot, tick, dialect }: { index: number; slot: number; tick: number; dialect: Dialect }): void {
    const known = this.#known
    const since = known.current[index] ?? 0
    const [before, now] = [known.audience[index] ?? 0, audienceOf(table, slot, viewer)]
    if (now < before) known.audience[index] = now
    let mask = 0
    if ((table.changed[slot] ?? 0) > since) mask = table.changesSince(slot, since)
    // Members of a new party show more: that counts as changed.
    if (now > before) mask |= (table.visible[now] ?? 0) & ~(table.visible[before] ?? 0)
    mask &= (table.visible[now] ?? 0) & dialect.mask
    if (mask === 0) known.current[index] = tick
    else candidates.add(index, mask, dialect.updateBytes(table, slot, mask))
  }

  #leave(index: number, held: boolean): void {
    const known = this.#known
    if (held) return known.forget(index)
    const { left } = picture
    const row = left.add()
    left.set(row, LEFT.index, index)
    left.set(row, LEFT.id, known.ids[index] ?? 0)
    known.remove(index)
  }

  /** Ranks the candidates: how long they are overdue, by distance, party, target and urgency. */
  #rank(table: EntityTable, viewer: Viewer, { tick, stepMs, thin }: Moment): void {
    const { masks } = table.entities
    const known = this.#known
    const { radius } = this.#range
    for (let n = 0; n < candidates.count; n++) {
      const [index, mask] = [candidates.index[n] ?? 0, candidates.mask[n] ?? 0]
      const [slot, id] = [known.slot[index] ?? 0, known.ids[index] ?? 0]
      if (id === viewer.id || (mask & masks.now) !== 0) {
        candidates.rank[n] = RANKS - 1
        continue
      }
      let weight = this.#weights.get(id) ?? 1
      if (known.audience[index] === AUDIENCE.party) weight *= PARTY_WEIGHT
      if (table.actsOn(slot, viewer.id)) weight *= ACTING_WEIGHT
      if ((mask & ~masks.late) === 0) weight *= LATE_WEIGHT
      const metres = Math.sqrt(known.distance[index] ?? 0) / table.perMetre
      candidates.rank[n] = rankOf((tick - (known.current[index] ?? 0)) * stepMs, intervalMs(metres, { radius, weight, thin }))
    }
  }

  #update(table: EntityTable, viewer: Viewer, tick: number): void {
    const known = this.#known
    const { updated } = picture
    for (let n = 0; n < candidates.count; n++) {
      const [index, mask] = [candidates.index[n] ?? 0, candidates.mask[n] ?? 0]
      if (mask === 0) continue
      const slot = known.slot[index] ?? 0
      const row = updated.add()
      updated.set(row, UPDATED.index, index)
      updated.set(row, UPDATED.slot, slot)
      updated.set(row, UPDATED.mask, mask)
      updated.set(row, UPDATED.x, known.x[index] ?? 0)
      updated.set(row, UPDATED.y, known.y[index] ?? 0)
      updated.set(row, UPDATED.z, known.z[index] ?? 0)
      this.#remember(table, viewer, { index, slot, tick })
    }
  }

  #enter(grid: InterestGrid, viewer: Viewer, { tick, dialect }: Moment): void {
    const { table, found, distances } = grid
    const { entered } = picture
    let left = this.#full ? Number.POSITIVE_INFINITY : ENTER_BYTES_MAX
    entering.sort((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0))
    for (const n of entering) {
      const slot = found[n] ?? 0
      const mask = (table.visible[audienceOf(table, slot, viewer)] ?? 0) & dialect.mask
      left -= dialect.enterBytes(table, slot, mask)
      if (left < 0) return
      const index = this.#known.add(slot, table.ids[slot] ?? 0)
      const row = entered.add()
      entered.set(row, ENTERED.index, index)
      entered.set(row, ENTERED.slot, slot)
      entered.set(row, ENTERED.mask, mask)
      this.#known.round[index] = this.#round
      this.#remember(table, viewer, { index, slot, tick })
    }
  }

  /** The client will know the present values of the entity. */
  #remember(table: EntityTable, viewer: Viewer, { index, slot, tick }: { index: number; slot: number; tick: number }): void {
    const known = this.#known
    known.current[index] = tick
    known.audience[index] = audienceOf(table, slot, viewer)
    known.x[index] = table.x[slot] ?? 0
    known.y[index] = table.y[slot] ?? 0
    known.z[index] = table.z[slot] ?? 0
  }
}

function audienceOf(table: EntityTable, slot: number, { id, party }: Viewer): number {
  if (table.ids[slot] === id) return AUDIENCE.owner
  return party !== 0 && table.party[slot] === party ? AUDIENCE.party : AUDIENCE.all
}
