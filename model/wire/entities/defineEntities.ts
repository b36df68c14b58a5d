import type { EntityView } from '../snapshot.ts'
import { type FieldDeclaration, type ValueOf, type WireField, wireField } from './fieldTypes.ts'

export type FieldDeclarations = Readonly<Record<string, FieldDeclaration>>

/** A position is written in steps from the centre of the map. */
export interface PositionDeclaration {
  /** Largest distance from the centre along each axis, in metres. Positions beyond it are clamped. */
  extent: number
  /** Size of one step in metres. */
  step: number
}

export interface EntitiesDeclaration<Fields extends FieldDeclarations, Dimensions extends 2 | 3> {
  /** 2: `x` and `y`. 3: also `z`, the height. Default 2. */
  dimensions?: Dimensions
  /** Default ±1,024 m in steps of 1/32 m: two bytes for each axis. */
  position?: PositionDeclaration
  /** Fields besides id, position, heading, flags, kind and name, which every entity has. At most 24. */
  fields?: Fields
}

/** What every entity has. Their order is the order on the wire; the first two have a bit in the first byte of an update. */
const common = {
  heading: { type: 'angle', doc: 'direction in radians' },
  flags: { type: 'u8', doc: 'eight bits of the game' },
  kind: { type: 'u8', doc: 'kind of entity, defined by the game; 0 is a player' },
  name: { type: 'text', urgency: 'late', doc: 'name to show' },
} as const satisfies FieldDeclarations

const FIELDS_MAX = 24

/** A field with its bit in the masks of changed fields. Bit 0 is the position. */
export interface EntityField extends Required<Pick<FieldDeclaration, 'seenBy' | 'urgency'>> {
  name: string
  bit: number
  wire: WireField
  initial: unknown
  doc: string
}

/** The form in which a server tells its clients how it writes entities. Version 1; a client ignores members that it does not know. */
export interface EntitiesLayout {
  layout: 1
  dimensions: 2 | 3
  /** Bytes of a signed number of steps for each axis, and metres per step. */
  position: { bytes: number; step: number }
  /** In the order of their bits. */
  fields: readonly WireField[]
}

/** The declaration of a game's entities. Make it with `defineEntities`. */
export interface Entities<Fields extends FieldDeclarations = FieldDeclarations, Dimensions extends 2 | 3 = 2 | 3> {
  readonly declared: Fields
  readonly dimensions: Dimensions
  readonly position: PositionDeclaration
  /** In the order of their bits: the common fields, then the declared ones. */
  readonly fields: readonly EntityField[]
  readonly layout: EntitiesLayout
  /** Fields that each audience may see, and fields by urgency, as masks. Bit 0, the position, is in all audiences. */
  readonly masks: { readonly all: number; readonly party: number; readonly owner: number; readonly now: number; readonly late: number }
}

type Depth<Dimensions extends 2 | 3> = Dimensions extends 3 ? { z: number } : unknown

/** Values of the declared fields, as the game's server code reads and writes them. */
export type FieldValues<E> =
  E extends Entities<infer Fields, infer Dimensions> ? { -readonly [Name in keyof Fields]: ValueOf<Fields[Name]> } & Depth<Dimensions> : unknown

/** Values of the declared fields, as a client sees them. A field for the party or the owner is undefined where it may not be seen. */
export type SeenValues<E> =
  E extends Entities<infer Fields, infer Dimensions>
    ? {
        [Name in keyof Fields]: Fields[Name] extends { seenBy: 'party' | 'owner' } ? ValueOf<Fields[Name]> | undefined : ValueOf<Fields[Name]>
      } & Depth<Dimensions>
    : unknown

/** An entity in the game's server code, and in the game's client code. */
export type EntityOf<E> = EntityView & FieldValues<E>
export type SeenEntityOf<E> = EntityView & SeenValues<E>

/**
 * Declares what the entities of a game have. Server and client take the same declaration; a server tells its clients the layout, so that both may be of
 * different releases: a client skips fields that it does not know. Throws RangeError when a declaration cannot be written.
 *
 * @example
 * const entities = defineEntities({ dimensions: 3, fields: { health: { type: 'u8', urgency: 'now' }, mana: { type: 'u16', seenBy: 'owner' } } })
 */
export function defineEntities<const Fields extends FieldDeclarations = Record<never, never>, const Dimensions extends 2 | 3 = 2>(
  declaration: EntitiesDeclaration<Fields, Dimensions> = {},
): Entities<Fields, Dimensions> {
  const { dimensions = 2 as Dimensions, position = { extent: 1_024, step: 1 / 32 }, fields: declared = {} as Fields } = declaration // defaults of the type parameters
  for (const name of Object.keys(declared)) {
    if (!/^[a-z]\w*$/i.test(name)) throw new RangeError(`field ${name}: a name has letters, digits and _, and begins with a letter`)
    if (name in common || ['id', 'x', 'y', 'z', 'holder', 'state'].includes(name))
      throw new RangeError(`field ${name}: every entity has a member of this name, choose another one`)
  }
  const all: [string, FieldDeclaration][] = Object.entries<FieldDeclaration>({ ...common, ...declared })
  if (all.length > FIELDS_MAX + Object.keys(common).length) throw new RangeError(`an entity has at most ${FIELDS_MAX} declared fields`)
  const fields = all.map(([name, field], index): EntityField => {
    const { seenBy = 'all', urgency = 'soon', doc = '' } = field
    return { name, bit: 1 << (index + 1), wire: wireField(name, field), seenBy, urgency, initial: initialOf(field), doc }
  })
  const maskOf = (which: (field: EntityField) => boolean): number => fields.reduce((mask, field) => (which(field) ? mask | field.bit : mask), 0)
  return {
    declared,
    dimensions,
    position,
    fields,
    layout: { layout: 1, dimensions, position: { bytes: axisBytes(position), step: position.step }, fields: fields.map(({ wire }) => wire) },
    masks: {
      all: 1 | maskOf(({ seenBy }) => seenBy === 'all'),
      party: 1 | maskOf(({ seenBy }) => seenBy !== 'owner'),
      owner: 1 | maskOf(() => true),
      now: maskOf(({ urgency }) => urgency === 'now'),
      late: maskOf(({ urgency }) => urgency === 'late'),
    },
  }
}

/** The entities of a game that declares nothing of its own. */
export const plainEntities = defineEntities()

/** Sets the initial values of the declared fields that an entity lacks. Returns the same object. */
export function withInitials<Given extends object>({ fields, dimensions }: Entities, entity: Given): Given {
  const values = entity as Record<string, unknown> // members by the names of the fields
  if (dimensions === 3) values['z'] ??= 0
  for (const { name, initial } of fields.slice(Object.keys(common).length)) values[name] ??= initial
  return entity
}

function initialOf(field: FieldDeclaration): unknown {
  if (field.type === 'choice') return field.of[0]
  if (field.type === 'number') return field.initial ?? Math.max(field.min, Math.min(field.max, 0))
  return field.initial ?? (field.type === 'bool' ? false : field.type === 'text' ? '' : 0)
}

function axisBytes({ extent, step }: PositionDeclaration): number {
  const steps = extent / step
  if (!(steps >= 1) || steps > 2 ** 31) throw new RangeError('position: give an extent in metres and a smaller step, at most 2^31 steps')
  return steps <= 2 ** 7 ? 1 : steps <= 2 ** 15 ? 2 : steps <= 2 ** 23 ? 3 : 4
}
