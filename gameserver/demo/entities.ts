import { defineEntities, type EntityOf } from '../../model/wire/entities/defineEntities.ts'

/** What clients see of players, creatures and things besides their position. */
export const demoEntities = defineEntities({
  fields: {
    health: { type: 'u8', initial: 100, urgency: 'now', doc: 'health in percent; 0 for the dead' },
    target: { type: 'entity', seenBy: 'party', urgency: 'late', doc: 'the creature that a player attacked last, or the player whom a creature chases' },
  },
})
export type DemoEntity = EntityOf<typeof demoEntities>

/** A value of the field `health`. Only the dead have 0. */
export function percent(health: number, most: number): number {
  return health <= 0 ? 0 : Math.max(1, Math.round((100 * health) / most))
}
