import { ByteWriter } from './bytes.ts'
import type { EntityTable } from './entityTable.ts'
import type { Picture, Updates } from './picture.ts'
import { APART, type KnownEntities } from './updatePages.ts'

/** Version of the snapshot format, in the low four bits of the first byte. It is the protocol version from which on clients read it. */
export const SNAPSHOT_FORMAT = 2
export const FULL_BIT = 16

/** The distance to the previous index does not fit into the first byte. */
const GAP_MORE = 7
/** Bits of the first byte of an update. The low three bits are the distance to the previous index, less one; `GAP_MORE`: the rest follows as a varint. */
export const UPDATE = { gapMore: GAP_MORE, near: 8, far: 16, first: 32, second: 64, more: 128 } as const
/** Largest number of steps along each axis that the short form of a movement can express. */
export const NEAR_STEPS = 127

/** Fields in the mask of `more` start at this bit of the masks of changed fields: after the position and two fields with a bit of their own. */
export const MORE_SHIFT = 3

/** The movement of an update that has the whole position. */
const FAR = -1

/** The entities that one client knows (`Known`). */
interface ShownEntities extends KnownEntities {
  slotAt(index: number): number
  fieldsAt(index: number): number
  shownAt(index: number): number
  sinceOf(index: number): number
  placeOf(index: number): number
  update(index: number, tick: number): void
}

/** Upper bound of the bytes of the head and of one entity without its texts. */
const ENTITY_BYTES_MAX = 160

/** Reused by `fillPage`. */
const update = new ByteWriter()

/** Appends one client's snapshot (docs/reference/protocol.md). */
export function writeSnapshot(out: ByteWriter, table: EntityTable, picture: Picture): void {
  writeHead(out, table, picture)
  writeUpdates(out, table, picture.updated)
}

/** A snapshot without its updates. */
export function writeHead(out: ByteWriter, table: EntityTable, picture: Picture): void {
  const { tick, lastInput, full, left, entered } = picture
  out.reserve(ENTITY_BYTES_MAX + 5 * left.count)
  out.u8(SNAPSHOT_FORMAT | (full ? FULL_BIT : 0))
  out.varint(tick)
  out.varint(lastInput)
  out.varint(left.count)
  let previous = -1
  for (let row = 0; row < left.count; row++) {
    const index = left.at(row, 0)
    out.varint(index - previous - 1)
    previous = index
  }
  out.varint(entered.count)
  for (let row = 0; row < entered.count; row++) writeEntered(out, table, picture, row)
}

/**
 * The updates of a snapshot: all changes of the entities that one client knows, as far as it may see them. Notes that the client is up to date at `tick`. Returns
 * their number.
 */
export function writeChanges(out: ByteWriter, table: EntityTable, known: ShownEntities, tick: number): number {
  const { written } = table
  const reserved = ENTITY_BYTES_MAX + known.end * written.bytesMax
  out.reserve(reserved)
  if (written.begin(known.asOf, table)) fillPage(table, known.asOf)
  for (let index = written.copyChanged(out, known, 0); index < known.end; index = written.copyChanged(out, known, index + 1)) {
    writeChange(out, table, known, index)
    known.update(index, tick)
    out.reserve(reserved)
  }
  known.asOf = tick
  return written.count
}

/** Writes the updates since this tick that no client has needed yet. All in one loop cost half of what they cost between snapshots. */
function fillPage(table: EntityTable, since: number): void {
  const { written, changed, ids, end } = table
  const usual = table.entities.masks.all
  for (let slot = 0; slot < end; slot++) {
    if ((changed[slot] ?? 0) <= since || ids[slot] === 0 || !written.unwritten(slot)) continue
    const mask = table.changesSince(slot, since) & usual
    if (mask === 0) written.noteUnchanged(slot, since)
    else {
      const movement = (mask & 1) === 0 ? 0 : movementOf(table, slot, since)
      const head = headOf(mask, movement)
      update.reset()
      update.reserve(ENTITY_BYTES_MAX)
      writeBody(update, table, slot, { head, mask, movement })
      written.keep(update, 0, { head, slot, since })
    }
  }
}

/** The update of an entity that was not written for another client before, or that is apart. */
function writeChange(out: ByteWriter, table: EntityTable, known: ShownEntities, index: number): void {
  const { written } = table
  const [slot, since, place] = [known.slotAt(index), known.sinceOf(index), known.placeOf(index)]
  // Members of a new party show more: that counts as changed.
  const mask = (table.changesSince(slot, since) | ~known.shownAt(index)) & known.fieldsAt(index)
  if (mask === 0) {
    if (place !== APART) written.noteUnchanged(place, since)
    return
  }
  writeUpdate(out, table, { slot, mask, since, place, gap: index - written.previous - 1 })
  written.previous = index
  written.count++
}

function writeEntered(out: ByteWriter, table: EntityTable, { entered }: Picture, row: number): void {
  const [index, slot, mask] = [entered.at(row, 0), entered.at(row, 1), entered.at(row, 2)]
  out.reserve(ENTITY_BYTES_MAX)
  out.varint(index)
  out.varint(table.ids[slot] ?? 0)
  writePosition(out, table, slot)
  out.varint(mask >>> 1)
  writeFields(out, table, slot, mask)
}

/** Updates in ascending order of their indexes. Most of them were written for another client before. */
function writeUpdates(out: ByteWriter, table: EntityTable, updated: Updates): void {
  const { written } = table
  const { count, index, slot, mask, since, place } = updated
  const reserved = ENTITY_BYTES_MAX + count * written.bytesMax
  out.reserve(reserved)
  for (let row = written.copy(out, updated, 0); row < count; row = written.copy(out, updated, row + 1)) {
    const previous = row === 0 ? -1 : (index[row - 1] ?? 0)
    writeUpdate(out, table, {
      slot: slot[row] ?? 0,
      mask: mask[row] ?? 0,
      since: since[row] ?? 0,
      place: place[row] ?? 0,
      gap: (index[row] ?? 0) - previous - 1,
    })
    out.reserve(reserved)
  }
}

interface Update {
  slot: number
  mask: number
  since: number
  /** As in `Updates`. */
  place: number
  /** Distance to the previous index, less one. */
  gap: number
}

/** An update, and keeps it for other clients that get the same one. */
function writeUpdate(out: ByteWriter, table: EntityTable, { slot, mask, since, place, gap }: Update): void {
  const movement = (mask & 1) === 0 ? 0 : movementOf(table, slot, since)
  const head = headOf(mask, movement)
  out.reserve(ENTITY_BYTES_MAX)
  out.u8(head | Math.min(gap, GAP_MORE))
  if (gap >= GAP_MORE) out.varint(gap - GAP_MORE)
  const start = out.length
  writeBody(out, table, slot, { head, mask, movement })
  if (place !== APART) table.written.keep(out, start, { head, slot, since })
}

/** The way from the position that the client has, one byte for each axis; FAR when that is too short, or when that position is not known any more. */
function movementOf(table: EntityTable, slot: number, since: number): number {
  const from = table.trails.at(slot, since)
  if (from === undefined) return FAR
  const dx = (table.x[slot] ?? 0) - from.x
  const dy = (table.y[slot] ?? 0) - from.y
  const dz = (table.z[slot] ?? 0) - from.z
  return isNear(dx, dy, dz) ? (dx & 255) | ((dy & 255) << 8) | ((dz & 255) << 16) : FAR
}

/** First byte of an update, without the distance to the previous index. */
function headOf(mask: number, movement: number): number {
  // The first two fields have bits 1 and 2 of the mask.
  let head = (mask & 6) << 4
  if ((mask & 1) !== 0) head |= movement === FAR ? UPDATE.far : UPDATE.near
  if (mask >>> MORE_SHIFT !== 0) head |= UPDATE.more
  return head
}

/** An update after its index. */
function writeBody(out: ByteWriter, table: EntityTable, slot: number, { head, mask, movement }: { head: number; mask: number; movement: number }): void {
  if ((head & UPDATE.more) !== 0) out.varint(mask >>> MORE_SHIFT)
  if ((head & UPDATE.far) !== 0) writePosition(out, table, slot)
  else if ((head & UPDATE.near) !== 0) out.int(movement, table.entities.dimensions)
  writeFields(out, table, slot, mask)
}

function isNear(dx: number, dy: number, dz: number): boolean {
  return dx >= -NEAR_STEPS && dx <= NEAR_STEPS && dy >= -NEAR_STEPS && dy <= NEAR_STEPS && dz >= -NEAR_STEPS && dz <= NEAR_STEPS
}

function writePosition(out: ByteWriter, table: EntityTable, slot: number): void {
  const { bytes } = table.entities.layout.position
  out.int(table.x[slot] ?? 0, bytes)
  out.int(table.y[slot] ?? 0, bytes)
  if (table.entities.dimensions === 3) out.int(table.z[slot] ?? 0, bytes)
}

function writeFields(out: ByteWriter, table: EntityTable, slot: number, mask: number): void {
  for (let rest = mask >>> 1, n = 0; rest !== 0; rest >>>= 1, n++) {
    const column = (rest & 1) === 0 ? undefined : table.columns[n]
    if (column === undefined) continue
    if (column.form !== undefined) out.int(column.raw[slot] ?? 0, column.field.wire.bytes)
    else writeText(out, column.textBytes[slot])
  }
}

function writeText(out: ByteWriter, bytes: Uint8Array = new Uint8Array()): void {
  out.reserve(ENTITY_BYTES_MAX + 256)
  out.u8(bytes.length)
  out.raw(bytes)
}
