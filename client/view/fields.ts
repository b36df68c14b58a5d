import type { EntityView } from '../../model/wire/snapshot.ts'

/** A field of entities that the client interpolates. `angle`: radians, over the shorter way round. `position`: metres; together they tell a jump from a step. */
export interface InterpolatedField {
  name: keyof EntityView
  as: 'position' | 'angle' | 'number'
}

export const interpolatedFields: readonly InterpolatedField[] = [
  { name: 'x', as: 'position' },
  { name: 'y', as: 'position' },
  { name: 'heading', as: 'angle' },
]

/** The shorter way from one angle to another, in radians: -π to π. */
export function turn(from: number, to: number): number {
  const round = 2 * Math.PI
  const difference = (to - from) % round
  return difference > Math.PI ? difference - round : difference < -Math.PI ? difference + round : difference
}
