import type { EntitiesLayout } from './defineEntities.ts'
import type { WireField } from './fieldTypes.ts'

/** Most fields of a layout that a client accepts. Masks have 31 bits for fields. */
const FIELDS_MAX = 31
const NAME = /^[a-z]\w{0,63}$/i

/** The layout of `plainEntities`. Written out, so that clients need not contain `defineEntities`. */
export const plainLayout: EntitiesLayout = {
  layout: 1,
  dimensions: 2,
  position: { bytes: 2, step: 1 / 32 },
  fields: [
    { name: 'heading', type: 'angle', bytes: 1, steps: 256, interpolate: true },
    { name: 'flags', type: 'u8', bytes: 1 },
    { name: 'kind', type: 'u8', bytes: 1 },
    { name: 'name', type: 'text', bytes: 0 },
  ],
}

/** How a client draws values between two snapshots. */
export type Interpolation = 'linear' | 'angle'

/** The fields of a layout whose values a client interpolates. Positions always are. */
export function interpolatedFields({ dimensions, fields }: EntitiesLayout): ReadonlyMap<string, Interpolation> {
  const axes: [string, Interpolation][] = [['x', 'linear'], ['y', 'linear'], ...(dimensions === 3 ? ([['z', 'linear']] as [string, Interpolation][]) : [])]
  return new Map([
    ...axes,
    ...fields.filter(({ interpolate }) => interpolate === true).map(({ name, type }): [string, Interpolation] => [name, type === 'angle' ? 'angle' : 'linear']),
  ])
}

/**
 * Reads the layout that a server sent. Members and types of a later release are ignored. Throws RangeError for a layout that this release cannot read. Written by
 * hand: a schema library would double the size of the client.
 */
export function readLayout(raw: unknown): EntitiesLayout {
  const { layout, dimensions, position, fields } = members(raw, 'the layout')
  if (layout !== 1) throw unreadable('layout', 'must be 1')
  if (dimensions !== 2 && dimensions !== 3) throw unreadable('dimensions', 'must be 2 or 3')
  const { bytes, step } = members(position, 'position')
  if (!Array.isArray(fields) || fields.length > FIELDS_MAX) throw unreadable('fields', `must be a list of at most ${FIELDS_MAX}`)
  return {
    layout,
    dimensions,
    position: { bytes: whole(bytes, 'position.bytes', 1, 4), step: aboveZero(step, 'position.step') },
    fields: fields.map(readField),
  }
}

function readField(raw: unknown): WireField {
  const { name, type, bytes, min, step, steps, of, interpolate } = members(raw, 'a field')
  if (typeof name !== 'string' || !NAME.test(name)) throw unreadable('a field', 'needs a name')
  if (typeof type !== 'string') throw unreadable(name, 'needs a type')
  const field: WireField = { name, type, bytes: whole(bytes, `${name}.bytes`, 0, 255) }
  if (min !== undefined) field.min = number(min, `${name}.min`)
  if (step !== undefined) field.step = aboveZero(step, `${name}.step`)
  if (steps !== undefined) field.steps = whole(steps, `${name}.steps`, 1, 65_536)
  if (of !== undefined) field.of = words(of, name)
  if (interpolate === true) field.interpolate = true
  return field
}

function unreadable(what: string, problem: string): RangeError {
  return new RangeError(`the server's layout of entities cannot be read: ${what} ${problem}`)
}
function members(raw: unknown, what: string): Record<string, unknown> {
  if (typeof raw !== 'object' || raw === null) throw unreadable(what, 'must be an object')
  return { ...raw }
}
function number(raw: unknown, what: string): number {
  if (typeof raw !== 'number' || !Number.isFinite(raw)) throw unreadable(what, 'must be a number')
  return raw
}
function aboveZero(raw: unknown, what: string): number {
  const value = number(raw, what)
  if (value <= 0) throw unreadable(what, 'must be above 0')
  return value
}
function whole(raw: unknown, what: string, least: number, most: number): number {
  const value = number(raw, what)
  if (!Number.isInteger(value) || value < least || value > most) throw unreadable(what, `must be a whole number from ${least} to ${most}`)
  return value
}
function words(raw: unknown, name: string): string[] {
  if (!Array.isArray(raw) || raw.length > 256 || raw.some((word) => typeof word !== 'string')) throw unreadable(name, 'needs a list of at most 256 words')
  return raw as string[] // checked above
}
