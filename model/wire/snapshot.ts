import type { EntityId } from '../ids.ts'

/** One entity (a character or a thing) as a client sees it. Positions in metres, heading in radians. */
export interface EntityView {
  id: EntityId
  /** Kind of entity, defined by the game; 0 is a player. */
  kind: number
  x: number
  y: number
  /** Height in metres, in games of three dimensions. */
  z?: number
  heading: number
  /** Eight bits, defined by the game. */
  flags: number
  name: string
}
export type EntityMotion = Pick<EntityView, 'id' | 'x' | 'y' | 'heading' | 'flags'>

/** Changes in one player's area of interest since the previous snapshot. With `full`, the client discards its old entities first. */
export interface Snapshot {
  tick: number
  full: boolean
  entered: EntityView[]
  moved: EntityMotion[]
  left: EntityId[]
}

/** Positions are encoded as 16-bit integers in steps of 1/32 m, which gives a range of ±1,024 m. */
const STEPS_PER_METRE = 32
const HEADING_STEPS = 256 / (2 * Math.PI)
/** u32 id, i16 x, i16 y, u8 heading, u8 flags. */
const MOTION_BYTES = 10
/** u8 full, u32 tick, u16 counts of entered, moved and left. */
const HEADER_BYTES = 11
const LIMIT = 32_767 / STEPS_PER_METRE

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Little-endian: the header, then entered entities (motion, u8 kind, u8 length, UTF-8 name), moved entities (motion) and u32 ids of left entities. */
export function encodeSnapshot({ tick, full, entered, moved, left }: Snapshot): Uint8Array {
  const names = entered.map((entity) => encoder.encode(entity.name).subarray(0, 255))
  const size = HEADER_BYTES + (entered.length + moved.length) * MOTION_BYTES + names.reduce((sum, name) => sum + 2 + name.length, 0) + left.length * 4
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, full ? 1 : 0)
  view.setUint32(1, tick, true)
  view.setUint16(5, entered.length, true)
  view.setUint16(7, moved.length, true)
  view.setUint16(9, left.length, true)
  let at = HEADER_BYTES
  entered.forEach((entity, index) => {
    at = writeMotion(view, at, entity)
    const name = names[index] ?? new Uint8Array()
    view.setUint8(at, entity.kind)
    view.setUint8(at + 1, name.length)
    bytes.set(name, at + 2)
    at += 2 + name.length
  })
  for (const motion of moved) at = writeMotion(view, at, motion)
  for (const id of left) {
    view.setUint32(at, id, true)
    at += 4
  }
  return bytes
}

/** Throws RangeError when the bytes end too early. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const full = view.getUint8(0) === 1
  const tick = view.getUint32(1, true)
  const [enteredCount, movedCount, leftCount] = [view.getUint16(5, true), view.getUint16(7, true), view.getUint16(9, true)]
  let at = HEADER_BYTES
  const entered: EntityView[] = []
  for (let i = 0; i < enteredCount; i++) {
    const motion = readMotion(view, at)
    at += MOTION_BYTES
    const kind = view.getUint8(at)
    const length = view.getUint8(at + 1)
    entered.push({ ...motion, kind, name: decoder.decode(bytes.subarray(at + 2, at + 2 + length)) })
    at += 2 + length
  }
  const moved: EntityMotion[] = []
  for (let i = 0; i < movedCount; i++, at += MOTION_BYTES) moved.push(readMotion(view, at))
  const left: EntityId[] = []
  for (let i = 0; i < leftCount; i++, at += 4) left.push(view.getUint32(at, true))
  return { tick, full, entered, moved, left }
}

function writeMotion(view: DataView, at: number, motion: EntityMotion): number {
  view.setUint32(at, motion.id, true)
  view.setInt16(at + 4, toSteps(motion.x), true)
  view.setInt16(at + 6, toSteps(motion.y), true)
  view.setUint8(at + 8, Math.round(motion.heading * HEADING_STEPS) & 255)
  view.setUint8(at + 9, motion.flags)
  return at + MOTION_BYTES
}

function readMotion(view: DataView, at: number): EntityMotion {
  return {
    id: view.getUint32(at, true),
    x: view.getInt16(at + 4, true) / STEPS_PER_METRE,
    y: view.getInt16(at + 6, true) / STEPS_PER_METRE,
    heading: view.getUint8(at + 8) / HEADING_STEPS,
    flags: view.getUint8(at + 9),
  }
}

function toSteps(metres: number): number {
  return Math.round(Math.max(-LIMIT, Math.min(LIMIT, metres)) * STEPS_PER_METRE)
}
