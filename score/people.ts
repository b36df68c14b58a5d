import type { Instant } from '../model/clock.ts'
import { defined } from '../model/defined.ts'
import type { CharacterId } from '../model/ids.ts'
import { type Acquaintances, closenessOf } from '../model/placement/acquaintance.ts'
import type { PlacementMember } from '../model/placement/placement.ts'

/** The people of a character, as the scorer counts them. */
export type People = Pick<PlacementMember, 'friends' | 'familiar' | 'blocked' | 'closeness'>

export const NO_PEOPLE: People = { friends: new Set(), familiar: new Set() }

interface Known {
  friends: readonly CharacterId[]
  blocked?: readonly CharacterId[]
  hidden?: readonly CharacterId[]
  met?: Acquaintances
}

/**
 * The people of a stored profile. A friend not met lately counts half as much as one met daily. Who shows nobody where it is attracts nobody, because the copy
 * in which others are placed would show it.
 */
export function peopleOf({ friends, blocked = [], hidden = [], met }: Known, now: Instant): People {
  const closeness = met === undefined ? undefined : closenessOf(met, now)
  return defined({
    friends: new Set(friends),
    familiar: closeness === undefined ? NO_PEOPLE.familiar : new Set(closeness.keys()),
    closeness,
    blocked: blocked.length + hidden.length === 0 ? undefined : new Set([...blocked, ...hidden]),
  })
}
