import type { DurationMs } from '../../../model/clock.ts'
import type { EntityId } from '../../../model/ids.ts'
import type { ByteWriter } from '../../../model/wire/entities/bytes.ts'
import type { EntityTable } from '../../../model/wire/entities/entityTable.ts'
import { ENTERED, emptyPicture, LEFT, type Picture } from '../../../model/wire/entities/picture.ts'
import { writeChanges, writeHead } from '../../../model/wire/entities/snapshotWriter.ts'
import { FREE } from '../../../model/wire/entities/updatePages.ts'
import { Allowance } from './allowance.ts'
import { Candidates, WAITS } from './candidates.ts'
import type { Dialect } from './dialects.ts'
import { Eye } from './eye.ts'
import type { InterestGrid } from './interestGrid.ts'
import { beginMarks, Known, NONE } from './known.ts'
import { ACTING_WEIGHT, intervalMs, LATE_WEIGHT, PARTY_WEIGHT, RANKS, rankOf } from './priority.ts'
import { Surroundings } from './surroundings.ts'
import { fieldsFor, isInParty, type Viewer } from './viewer.ts'

export interface SightRange {
  /** An entity becomes visible at this distance, in metres. */
  radius: number
  /** A visible entity stays visible until it is this many metres beyond `radius`, so that it does not flicker at the edge. */
  margin: number
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

/** Mask of an update whose changes are not known yet. No table has this many fields. */
const OPEN = -(2 ** 31)

/** Longest time in ms without a snapshot when nothing changes: clients learn the clock of the server from them, and take a longer silence for a stall (250 ms). */
const SILENT_MAX_MS: DurationMs = 200

/** Shortest time in ms between two looks for what has come into sight and left it, unless something jumped or was removed. Two who run towards each other come 2.4 m nearer in it. */
const LOOK_EVERY_MS: DurationMs = 200
/** A viewer who moves further than this between two snapshots, in metres, looks at once. */
const LEAP_M = 2

/** Reused by all sights of the process: a snapshot is computed at once. */
const candidates = new Candidates()
const picture = emptyPicture()
/** Slots of what is in range and not known yet, and their number. */
const entering: number[] = []
let enteringCount = 0
/** Indexes of what has left, and their number. */
const leaving: number[] = []
let leavingCount = 0

/** Tracks which entities one client knows, and writes the next snapshot from the difference. */
export class Sight {
  readonly #range: SightRange
  readonly #known = new Known()
  readonly #surroundings = new Surroundings()
  readonly #allowance = new Allowance()
  readonly #weights = new Map<EntityId, number>()
  /** Body and party of the viewer, and number of changes of parties, as of the last snapshot. */
  #viewer = { id: 0, party: 0 }
  #partyChanges = 0
  readonly #eye = new Eye()
  /** Tick of the last look for what has come and left. */
  #lookedAt = 0
  /** No known entity is out of sight until viewer and entities together have moved this far, unless one has jumped or was removed since. */
  #leaving = 0
  #jumps = 0
  #removals = 0
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

  /** Appends the next snapshot. Returns the number of its entities; undefined, and appends nothing, when nothing changed. */
  write(out: ByteWriter, grid: InterestGrid, viewer: Viewer, moment: Moment): number | undefined {
    const { table } = grid
    this.#begin(grid, viewer, moment)
    if (!this.#hasBytesForAll(table, moment)) {
      const chosen = this.#picture(grid, viewer, moment)
      if (chosen === undefined) return undefined
      moment.dialect.write(out, table, chosen)
      return chosen.entered.count + chosen.updated.count
    }
    const start = out.length
    this.#enter(grid, viewer, moment)
    this.#stamp(moment)
    writeHead(out, table, picture)
    const entities = picture.entered.count + writeChanges(out, table, this.#known, moment.tick)
    if (!moment.held && this.#nothingNew(moment, picture.left.count + entities)) {
      out.length = start
      return undefined
    }
    this.#made(moment)
    return entities
  }

  #begin(grid: InterestGrid, viewer: Viewer, moment: Moment): void {
    picture.left.count = 0
    picture.entered.count = 0
    picture.updated.count = 0
    this.#allowance.accrue(moment.bytesPerSecond, moment.tick * moment.stepMs)
    this.#look(grid, viewer, moment)
  }

  /** Whether all that changed can be written without a choice. Then it is compared and written in one pass, which costs half. */
  #hasBytesForAll({ written }: EntityTable, { dialect, thin }: Moment): boolean {
    return dialect.version > 1 && thin <= 1 && !this.#full && this.#known.end * written.bytesMax <= this.#allowance.bytes
  }

  /** Computes the next snapshot with a choice of its updates. */
  #picture(grid: InterestGrid, viewer: Viewer, moment: Moment): Picture | undefined {
    const { tick, thin, dialect } = moment
    const { table } = grid
    const { updated, left, entered } = picture
    const masks = this.#compare(table, tick)
    if (thin > 1 || updated.count * dialect.updateBytesMax(table, masks) > this.#allowance.bytes) this.#choose(grid, viewer, moment)
    this.#enter(grid, viewer, moment)
    if (!this.#full && !moment.held && this.#nothingNew(moment, left.count + entered.count + updated.count)) return undefined
    this.#stamp(moment)
    this.#made(moment)
    return picture
  }

  #stamp({ tick, lastInput }: Moment): void {
    picture.tick = tick
    picture.lastInput = lastInput
    picture.full = this.#full
  }

  #made({ tick, lastInput }: Moment): void {
    this.#full = false
    this.#lastInput = lastInput
    this.#lastTick = tick
  }

  /** Tick of the last snapshot. */
  get lastTick(): number {
    return this.#lastTick
  }

  #nothingNew({ tick, stepMs, lastInput, dialect }: Moment, changes: number): boolean {
    const before = this.#hadNews
    this.#hadNews = changes > 0
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

  /** Finds where the viewer is, what has left, and what is in range and not known. */
  #look(grid: InterestGrid, viewer: Viewer, moment: Moment): void {
    const { table } = grid
    const eye = this.#eye
    this.#known.expect(table.entities.masks.all & moment.dialect.mask)
    const leapt = eye.follow(table, viewer) > LEAP_M * table.perMetre
    const changed = grid.jumps !== this.#jumps || table.removals !== this.#removals
    if (changed || leapt || this.#full || (moment.tick - this.#lookedAt) * moment.stepMs >= LOOK_EVERY_MS) {
      this.#lookedAt = moment.tick
      const travelled = eye.walked + grid.travel
      const radius = this.#range.radius * table.perMetre
      const marked = changed || travelled >= this.#leaving
      if (marked) this.#findLeft(grid, travelled, moment.held)
      enteringCount = this.#surroundings.newcomers(grid, this.#known, eye, { radius, travelled, marked, into: entering })
    } else enteringCount = 0
    this.#recognise(table, viewer, moment.dialect)
  }

  /** Lists what has left, marks what has not, and finds until when nothing else can leave. */
  #findLeft(grid: InterestGrid, travelled: number, held: boolean): void {
    const { ids, x, y, z } = grid.table
    const known = this.#known
    const { numbers, slotsStart, idsStart, end } = known
    const { marks, stamp } = beginMarks(grid.table)
    const { x: eyeX, y: eyeY, z: eyeZ } = this.#eye
    const outer = (this.#range.radius + this.#range.margin) * grid.table.perMetre
    const limit = outer * outer
    let furthest = 0
    leavingCount = 0
    for (let index = 0; index < end; index++) {
      const slot = numbers[slotsStart + index] ?? 0
      const id = numbers[idsStart + index] ?? 0
      const entity = Math.max(slot, 0)
      const [dx, dy, dz] = [(x[entity] ?? 0) - eyeX, (y[entity] ?? 0) - eyeY, (z[entity] ?? 0) - eyeZ]
      const now = (ids[entity] ?? 0) | 0
      const squared = dx * dx + dy * dy + dz * dz
      if (slot === NONE) continue
      if (now !== id || squared > limit) leaving[leavingCount++] = index
      else {
        marks[entity] = stamp
        if (squared > furthest) furthest = squared
      }
    }
    for (let n = 0; n < leavingCount; n++) this.#leave(leaving[n] ?? 0, held)
    this.#leaving = travelled + Math.floor(outer - Math.sqrt(furthest))
    this.#jumps = grid.jumps
    this.#removals = grid.table.removals
  }

  /** Finds what known entities show to the viewer, after a change of its body or of anybody's party. Runs seldom. */
  #recognise(table: EntityTable, viewer: Viewer, dialect: Dialect): void {
    const { id, party } = viewer
    if (this.#viewer.id === id && this.#viewer.party === party && this.#partyChanges === table.partyChanges) return
    this.#viewer = { id, party }
    this.#partyChanges = table.partyChanges
    const known = this.#known
    for (let index = 0; index < known.end; index++) {
      const slot = known.slotAt(index)
      if (slot !== NONE) known.reveal(index, fieldsFor(table, slot, viewer) & dialect.mask)
    }
  }

  /**
   * Lists updates for what changed of everything in sight since the client was up to date. Counts all of these as sent. Returns all changes of all
   * entities as one mask. Runs for each entity in each sight: without an inner loop or a call, V8 checks the arrays only once for all entities.
   */
  #compare(table: EntityTable, tick: number): number {
    const { changed, since: asked, sinceMask: answers } = table
    const known = this.#known
    const { numbers, start, asOf, usual, end } = known
    table.written.begin(asOf, table)
    const { updated } = picture
    updated.fit(end)
    const { index: indexes, slot: updatedSlots, mask: masks, since: sinces, shown, place } = updated
    const since = asOf | 0
    let all = 0
    let row = 0
    let open = 0
    for (let index = 0; index < end; index++) {
      const slot = numbers[start + index] ?? 0
      // What all entities need is read before any branch, for the same reason.
      const entity = Math.max(slot, 0)
      const question = asked[entity] ?? 0
      const answer = answers[entity] ?? 0
      const last = changed[entity] ?? 0
      if (slot === FREE || (slot >= 0 && last <= since)) continue
      const answered = slot >= 0 && question === since
      if (!answered) open++
      const mask = answered ? answer & usual : OPEN
      if (mask === 0) continue
      all |= mask
      indexes[row] = index
      updatedSlots[row] = slot
      masks[row] = mask
      sinces[row] = since
      shown[row] = usual
      place[row] = slot
      row++
    }
    updated.count = row
    if (open > 0) all = this.#complete(table, tick)
    known.asOf = tick
    return all
  }

  /** Finds the changes that `#compare` has left open: of entities that are apart, and those since a tick of which the table does not know them yet. */
  #complete(table: EntityTable, tick: number): number {
    const { updated } = picture
    const known = this.#known
    let all = 0
    let kept = 0
    for (let row = 0; row < updated.count; row++) {
      if (updated.mask[row] === OPEN) {
        const index = updated.index[row] ?? 0
        const slot = known.slotAt(index)
        const since = known.sinceOf(index)
        const shown = known.shownAt(index)
        // Members of a new party show more: that counts as changed.
        updated.mask[row] = (table.changesSince(slot, since) | ~shown) & known.fieldsAt(index)
        updated.slot[row] = slot
        updated.since[row] = since
        updated.shown[row] = shown
        updated.place[row] = known.placeOf(index)
        known.update(index, tick)
      }
      const mask = updated.mask[row] ?? 0
      if (mask === 0) continue
      all |= mask
      if (row !== kept) updated.move(row, kept)
      kept++
    }
    updated.count = kept
    return all
  }

  #leave(index: number, held: boolean): void {
    const known = this.#known
    this.#surroundings.add(known.slotAt(index))
    if (held) return known.forget(index)
    const { left } = picture
    const row = left.add()
    left.set(row, LEFT.index, index)
    left.set(row, LEFT.id, known.idAt(index))
    known.remove(index)
  }

  /** Removes the updates that have to wait, and what `#compare` noted of them. */
  #choose(grid: InterestGrid, viewer: Viewer, moment: Moment): void {
    const { updated } = picture
    this.#rank(grid, viewer, moment)
    candidates.choose(updated.count, this.#allowance, moment.thin > 1)
    let kept = 0
    for (let row = 0; row < updated.count; row++) {
      if (candidates.rank[row] !== WAITS) {
        updated.move(row, kept++)
        continue
      }
      this.#known.defer(updated.index[row] ?? 0, updated.since[row] ?? 0, updated.shown[row] ?? 0)
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
      const mask = updated.mask[row] ?? 0
      const slot = updated.slot[row] ?? 0
      const id = table.ids[slot] ?? 0
      candidates.bytes[row] = dialect.updateBytes(table, slot, mask)
      if (id === viewer.id || (mask & masks.now) !== 0) {
        candidates.rank[row] = RANKS - 1
        continue
      }
      let weight = this.#weights.get(id) ?? 1
      if (isInParty(table, slot, viewer)) weight *= PARTY_WEIGHT
      if (table.actsOn(slot, viewer.id)) weight *= ACTING_WEIGHT
      if ((mask & ~masks.late) === 0) weight *= LATE_WEIGHT
      const metres = Math.sqrt(grid.squaredDistance(slot, this.#eye)) / table.perMetre
      candidates.rank[row] = rankOf((tick - (updated.since[row] ?? 0)) * stepMs, intervalMs(metres, { radius, weight, thin }))
    }
  }

  #enter(grid: InterestGrid, viewer: Viewer, { tick, dialect }: Moment): void {
    if (enteringCount === 0) return
    entering.length = enteringCount
    const { table } = grid
    const { entered } = picture
    const known = this.#known
    let left = this.#full ? Number.POSITIVE_INFINITY : ENTER_BYTES_MAX
    // All of them are within the radius.
    this.#leaving = Math.min(this.#leaving, this.#eye.walked + grid.travel + Math.floor(this.#range.margin * table.perMetre))
    const eye = this.#eye
    entering.sort((a, b) => grid.squaredDistance(a, eye) - grid.squaredDistance(b, eye) || a - b)
    for (const slot of entering) {
      const mask = fieldsFor(table, slot, viewer) & dialect.mask
      left -= dialect.enterBytes(table, slot, mask)
      if (left < 0) return
      const index = known.add(slot, table.ids[slot] ?? 0, { tick, fields: mask })
      const row = entered.add()
      entered.set(row, ENTERED.index, index)
      entered.set(row, ENTERED.slot, slot)
      entered.set(row, ENTERED.mask, mask)
    }
  }
}
