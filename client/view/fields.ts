import type { EntitiesLayout } from '../../model/wire/entities/defineEntities.ts'
import { interpolatedFields, plainLayout } from '../../model/wire/entities/layout.ts'

/** A field of entities that the client interpolates. `position`: metres. `angle`: radians, over the shorter way round. */
export interface InterpolatedField {
  name: string
  as: 'position' | 'angle' | 'linear'
}

/** The fields of a server's layout that are interpolated. */
export function fieldsOf(layout: EntitiesLayout): readonly InterpolatedField[] {
  const axes = new Set(['x', 'y', 'z'])
  return [...interpolatedFields(layout)].map(([name, as]) => ({ name, as: axes.has(name) ? 'position' : as }))
}

/** The fields of a game that declares nothing of its own. */
export const plainFields = fieldsOf(plainLayout)

/** The shorter way from one angle to another, in radians: -π to π. */
export function turn(from: number, to: number): number {
  const round = 2 * Math.PI
  const difference = (to - from) % round
  return difference > Math.PI ? difference - round : difference < -Math.PI ? difference + round : difference
}
