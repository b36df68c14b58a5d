import { type ByteWriter, TEXT_BYTES_MAX } from '../../../model/wire/entities/bytes.ts'
import type { Column, EntityTable } from '../../../model/wire/entities/entityTable.ts'
import type { Picture } from '../../../model/wire/entities/picture.ts'
import { writeSnapshot } from '../../../model/wire/entities/snapshotWriter.ts'
import { PROTOCOL1_MASK, writeSnapshot1 } from '../../../model/wire/entities/snapshotWriter1.ts'

/** How snapshots are written for clients of one protocol version. */
export interface Dialect {
  /** The fields that the clients know. */
  readonly mask: number
  /** Version of the protocol. From 2 on snapshots have `lastInput`; clients of version 1 get `ack` messages. */
  readonly version: number
  /** About how many bytes an update and an entering entity take. */
  updateBytes(table: EntityTable, slot: number, mask: number): number
  enterBytes(table: EntityTable, slot: number, mask: number): number
  /** At least as many bytes as any update with these fields takes. */
  updateBytesMax(table: EntityTable, mask: number): number
  write(out: ByteWriter, table: EntityTable, picture: Picture): void
}

/** Index, id, mask. */
const ENTER_BYTES = 7

const protocol2: Dialect = {
  mask: -1,
  version: 2,
  updateBytes: (table, slot, mask) => 1 + (mask & 1) * table.entities.dimensions + fieldBytes(table, slot, mask),
  enterBytes: (table, slot, mask) => ENTER_BYTES + table.entities.dimensions * table.entities.layout.position.bytes + fieldBytes(table, slot, mask),
  updateBytesMax: (table, mask) => 1 + (mask & 1) * table.entities.dimensions + fieldBytes(table, undefined, mask),
  write: writeSnapshot,
}

const protocol1: Dialect = {
  mask: PROTOCOL1_MASK,
  version: 1,
  updateBytes: () => 10,
  enterBytes: (table, slot, mask) => 12 + fieldBytes(table, slot, mask),
  updateBytesMax: () => 10,
  write: writeSnapshot1,
}

/** The way to write for clients that stated this version when they joined. */
export function dialectOf(protocol: number): Dialect {
  return protocol === 1 ? protocol1 : protocol2
}

/** Without `slot`: with the longest texts. */
function fieldBytes({ columns }: EntityTable, slot: number | undefined, mask: number): number {
  let bytes = 0
  for (let rest = mask >>> 1, n = 0; rest !== 0; rest >>>= 1, n++) {
    const column = (rest & 1) === 0 ? undefined : columns[n]
    if (column !== undefined) bytes += column.form === undefined ? 1 + textLength(column, slot) : column.field.wire.bytes
  }
  return bytes
}

function textLength({ textBytes }: Column, slot: number | undefined): number {
  return slot === undefined ? TEXT_BYTES_MAX : (textBytes[slot]?.length ?? 0)
}
