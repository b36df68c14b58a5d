/** Type and range of one field, as a game declares it. `initial` is the value of an entity that the game made without one. */
export type FieldType =
  | { type: 'u8' | 'u16' | 'u32' | 'i8' | 'i16' | 'i32'; initial?: number }
  /** A number between `min` and `max`, rounded to multiples of `step`. Values outside are clamped. */
  | { type: 'number'; min: number; max: number; step: number; initial?: number }
  /** An angle in radians in `steps` per turn: 256 are one byte, 65,536 two. */
  | { type: 'angle'; steps?: 256 | 65_536; initial?: number }
  | { type: 'bool'; initial?: boolean }
  /** Id of another entity, such as a target; 0 is none. */
  | { type: 'entity'; initial?: number }
  /** One of at most 256 words. The first one is the initial value. New words may be added at the end. */
  | { type: 'choice'; of: readonly string[] }
  /** At most 255 bytes of UTF-8; longer text is cut. */
  | { type: 'text'; initial?: string }

/** Who may see a field: everybody who sees the entity, the members of its party, or its own player. */
export type Audience = 'all' | 'party' | 'owner'
/** `now`: a change is in the next snapshot. `soon`: by distance, like positions. `late`: the change can wait while the client's budget is short. */
export type Urgency = 'now' | 'soon' | 'late'

export type FieldDeclaration = FieldType & {
  /** Default `all`. */
  seenBy?: Audience
  /** Default `soon`. */
  urgency?: Urgency
  /** Whether clients draw values between two snapshots. Default: angles only. */
  interpolate?: boolean
  /** One line for the generated table. */
  doc?: string
}

/** Type of a field's value in the game's code. */
export type ValueOf<Field extends FieldType> = Field extends { type: 'bool' }
  ? boolean
  : Field extends { type: 'text' }
    ? string
    : Field extends { type: 'choice'; of: readonly (infer Word)[] }
      ? Word
      : number

/** How a field is written, as the layout tells clients. A client skips a type that it does not know by `bytes`. */
export interface WireField {
  name: string
  type: string
  /** Size in bytes. 0: one byte says how many bytes follow it. */
  bytes: number
  /** Value of raw 0 and size of one step, for integers and numbers. Absent: 0 and 1. */
  min?: number
  step?: number
  /** Steps per turn, for angles. */
  steps?: number
  /** The words, for a choice. */
  of?: readonly string[]
  interpolate?: boolean
}

const integers: Record<string, { bytes: number; min: number }> = {
  u8: { bytes: 1, min: 0 },
  u16: { bytes: 2, min: 0 },
  u32: { bytes: 4, min: 0 },
  i8: { bytes: 1, min: -(2 ** 7) },
  i16: { bytes: 2, min: -(2 ** 15) },
  i32: { bytes: 4, min: -(2 ** 31) },
}

/** Throws RangeError for a declaration that cannot be written. */
export function wireField(name: string, field: FieldDeclaration): WireField {
  const interpolate = (field.interpolate ?? field.type === 'angle') ? { interpolate: true } : {}
  const { type } = field
  switch (type) {
    case 'number': {
      const { min, max, step } = field
      const steps = Math.round((max - min) / step)
      if (!(step > 0) || !(max > min) || steps >= 2 ** 32)
        throw new RangeError(`field ${name}: give min < max and a step that divides the range into fewer than 2^32`)
      return { name, type, bytes: bytesFor(steps), min, step, ...interpolate }
    }
    case 'angle': {
      const { steps = 256 } = field
      return { name, type, bytes: steps === 256 ? 1 : 2, steps, ...interpolate }
    }
    case 'choice':
      if (field.of.length === 0 || field.of.length > 256) throw new RangeError(`field ${name}: a choice has 1 to 256 words`)
      return { name, type, bytes: 1, of: field.of }
    case 'bool':
      return { name, type, bytes: 1 }
    case 'entity':
      return { name, type, bytes: 4 }
    case 'text':
      return { name, type, bytes: 0 }
    default: {
      const { bytes, min } = integers[type] ?? { bytes: 4, min: 0 }
      return { name, type, bytes, ...(min === 0 ? {} : { min }), ...interpolate }
    }
  }
}

/** Number of bytes for 0 to `largest`. */
function bytesFor(largest: number): number {
  return largest < 2 ** 8 ? 1 : largest < 2 ** 16 ? 2 : largest < 2 ** 24 ? 3 : 4
}

/** Converts between a field's value and its raw form, an unsigned integer of `bytes` bytes. Text has no raw form. */
export interface RawForm {
  toRaw(value: unknown): number
  fromRaw(raw: number): number | boolean | string
}

/** The raw form of a field of the layout; undefined for text and for a type that this release does not know. */
export function rawForm({ type, bytes, min = 0, step = 1, steps = 256, of = [] }: WireField): RawForm | undefined {
  const largest = 2 ** (8 * bytes) - 1
  if (type === 'bool') return { toRaw: (value) => (value === true ? 1 : 0), fromRaw: (raw) => raw !== 0 }
  if (type === 'choice') return { toRaw: (value) => Math.max(0, of.indexOf(String(value))), fromRaw: (raw) => of[raw] ?? '' }
  if (type === 'angle') {
    const perRadian = steps / (2 * Math.PI)
    return { toRaw: (value) => Math.round(Number(value) * perRadian) & (steps - 1), fromRaw: (raw) => raw / perRadian }
  }
  if (type !== 'number' && type !== 'entity' && integers[type] === undefined) return undefined
  // `|| 0`: a game's NaN is written as the smallest value.
  return {
    toRaw: (value) => Math.max(0, Math.min(largest, Math.round((Number(value) - min) / step))) || 0,
    fromRaw: (raw) => raw * step + min,
  }
}
