import type { ByteWriter } from './bytes.ts'
import type { EntityTable } from './entityTable.ts'
import { ENTERED, LEFT, type Picture } from './picture.ts'

/** Fields that clients of protocol 1 know: position, heading, flags, kind and name. They are the first ones of each declaration. */
export const PROTOCOL1_MASK = 31
/** Kind and name are only in records of entering entities. A client of protocol 1 takes such a record of an entity that it knows as new values. */
const ENTER_FIELDS = 8 | 16
/** Clients of protocol 1 know positions within ±1,024 m in steps of 1/32 m. */
const STEPS_PER_METRE = 32
const LIMIT = 32_767
const MOTION_BYTES = 10
const HEADER_BYTES = 11

/** Appends one client's snapshot in the format of protocol 1 (docs/reference/protocol.md). Remove it with protocol 1. */
export function writeSnapshot1(out: ByteWriter, table: EntityTable, picture: Picture): void {
  const { entered, updated, left } = picture
  const renamed = countRenamed(picture)
  const gone = goneIds(table, picture)
  out.reserve(HEADER_BYTES + (entered.count + updated.count) * (MOTION_BYTES + 257) + 4 * left.count)
  out.u8(picture.full ? 1 : 0)
  out.int(picture.tick, 4)
  out.int(entered.count + renamed, 2)
  out.int(updated.count - renamed, 2)
  out.int(gone.length, 2)
  for (let row = 0; row < entered.count; row++) writeRecord(out, table, entered.at(row, ENTERED.slot))
  for (let row = 0; row < updated.count; row++) if (isRenamed(picture, row)) writeRecord(out, table, updated.slot[row] ?? 0)
  for (let row = 0; row < updated.count; row++) if (!isRenamed(picture, row)) writeMotion(out, table, updated.slot[row] ?? 0)
  for (const id of gone) out.int(id, 4)
}

function isRenamed({ updated }: Picture, row: number): boolean {
  return ((updated.mask[row] ?? 0) & ENTER_FIELDS) !== 0
}

function countRenamed(picture: Picture): number {
  let count = 0
  for (let row = 0; row < picture.updated.count; row++) if (isRenamed(picture, row)) count++
  return count
}

/** Ids of the entities that left. One that entered again at once stays: this format has no index that would tell both apart. */
function goneIds(table: EntityTable, { left, entered }: Picture): number[] {
  const gone: number[] = []
  if (left.count === 0) return gone
  const again = new Set<number>()
  for (let row = 0; row < entered.count; row++) again.add(table.ids[entered.at(row, ENTERED.slot)] ?? 0)
  for (let row = 0; row < left.count; row++) if (!again.has(left.at(row, LEFT.id) >>> 0)) gone.push(left.at(row, LEFT.id))
  return gone
}

/** u32 id, i16 x, i16 y, u8 heading, u8 flags. */
function writeMotion(out: ByteWriter, table: EntityTable, slot: number): void {
  const [heading, flags] = table.columns
  out.int(table.ids[slot] ?? 0, 4)
  out.int(axis(table, table.x[slot]), 2)
  out.int(axis(table, table.y[slot]), 2)
  out.int(heading?.raw[slot] ?? 0, 1)
  out.int(flags?.raw[slot] ?? 0, 1)
}

function writeRecord(out: ByteWriter, table: EntityTable, slot: number): void {
  const [, , kind, name] = table.columns
  const text = name?.textBytes[slot]
  writeMotion(out, table, slot)
  out.int(kind?.raw[slot] ?? 0, 1)
  out.u8(text?.length ?? 0)
  if (text !== undefined) out.raw(text)
}

function axis({ perMetre }: EntityTable, steps = 0): number {
  return Math.max(-LIMIT, Math.min(LIMIT, Math.round((steps * STEPS_PER_METRE) / perMetre)))
}
