import type { ByteWriter } from './bytes.ts'
import type { EntityTable } from './entityTable.ts'
import { type Picture, UPDATED, UPDATED_WIDTH } from './picture.ts'

/** Version of the snapshot format, in the low four bits of the first byte. It is the protocol version from which on clients read it. */
export const SNAPSHOT_FORMAT = 2
export const FULL_BIT = 16

/** Bits of the first byte of an update. The low three bits are the distance to the previous index, less one; `GAP_MORE`: the rest follows as a varint. */
export const UPDATE = { gapMore: 7, near: 8, far: 16, first: 32, second: 64, more: 128 } as const
/** Largest number of steps along each axis that the short form of a movement can express. */
export const NEAR_STEPS = 127

/** Fields in the mask of `more` start at this bit of the masks of changed fields: after the position and two fields with a bit of their own. */
export const MORE_SHIFT = 3

/** The movement of an update that has the whole position. */
const FAR = -1

/** Upper bound of the bytes of the head and of one entity without its texts. */
const ENTITY_BYTES_MAX = 160

/** Appends one client's snapshot (docs/reference/protocol.md). */
export function writeSnapshot(out: ByteWriter, table: EntityTable, picture: Picture): void {
  const { tick, lastInput, full, left, entered, updated } = picture
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
  previous = -1
  for (let row = 0; row < updated.count; row++) previous = writeUpdated(out, table, picture, { row, previous })
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

function writeUpdated(out: ByteWriter, table: EntityTable, { updated }: Picture, { row, previous }: { row: number; previous: number }): number {
  const { written } = table
  const { values } = updated
  const at = row * UPDATED_WIDTH
  const index = values[at + UPDATED.index] ?? 0
  const slot = values[at + UPDATED.slot] ?? 0
  const gap = index - previous - 1
  const known = written.has(slot, values, at)
  if (known && gap < UPDATE.gapMore) {
    out.reserve(ENTITY_BYTES_MAX)
    written.copyTo(out, slot, gap)
    return index
  }
  const mask = values[at + UPDATED.mask] ?? 0
  const movement = (mask & 1) === 0 ? 0 : movementOf(table, slot, values, at)
  const head = headOf(mask, movement)
  out.reserve(ENTITY_BYTES_MAX)
  out.u8(head | Math.min(gap, UPDATE.gapMore))
  if (gap >= UPDATE.gapMore) out.varint(gap - UPDATE.gapMore)
  const start = out.length
  writeBody(out, table, slot, { head, mask, movement })
  if (!known) written.keep(out, start, { head, values, at })
  return index
}

/** The way from the position that the client has, one byte for each axis; FAR when that is too short. */
function movementOf(table: EntityTable, slot: number, values: Int32Array, at: number): number {
  const dx = (table.x[slot] ?? 0) - (values[at + UPDATED.x] ?? 0)
  const dy = (table.y[slot] ?? 0) - (values[at + UPDATED.y] ?? 0)
  const dz = (table.z[slot] ?? 0) - (values[at + UPDATED.z] ?? 0)
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
