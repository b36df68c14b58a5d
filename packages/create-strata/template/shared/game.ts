/** What server, client and bots agree on. This folder imports neither of the three. */

/** Kinds of entities. Players must be 0. */
export const KIND = { player: 0, tree: 1, door: 2 } as const

/** The input that a client sends many times a second: what it wants, never where it is. Each number is from -1 to 1. */
export interface WalkInput {
  dx: number
  dy: number
}

/** Walking speed in metres per second. */
export const SPEED = 6
/** Largest distance in metres to a door that is used. */
export const DOOR_REACH = 6

export interface GameMap {
  /** Half the side of the square map, in metres. */
  half: number
  /** Where its door leads: to a map of many players, or to an instance, which each party has for itself. */
  door: { map: string } | { instance: string }
}
const maps: Record<string, GameMap> = {
  meadow: { half: 60, door: { instance: 'cave' } },
  cave: { half: 15, door: { map: 'meadow' } },
}
export const mapOf = (name: string): GameMap => maps[name] ?? { half: 60, door: { map: 'meadow' } }

export interface Place {
  x: number
  y: number
}

/** Where somebody is after walking for `seconds`. A direction longer than 1 is shortened, so that no client walks faster. */
export function walked({ x, y }: Place, { dx, dy }: WalkInput, seconds: number, half: number): Place {
  const length = Math.max(1, Math.hypot(dx, dy))
  const inside = (value: number): number => Math.max(-half, Math.min(half, value))
  return { x: inside(x + (dx / length) * SPEED * seconds), y: inside(y + (dy / length) * SPEED * seconds) }
}
