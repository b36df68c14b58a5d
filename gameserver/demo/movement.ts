import type { MapName } from '../../model/ids.ts'
import { clampTo } from './borders.ts'
import { demoMap } from './maps.ts'
import { slide } from './walls.ts'

/** Walking speed of a player in metres per second. */
export const SPEED = 6

export interface Pose {
  x: number
  y: number
  /** Radians; 0 is east, and south is a quarter turn further. */
  heading: number
}
export interface Direction {
  dx: number
  dy: number
}

/** Scales a direction longer than 1 down to 1, so that no client walks faster. */
export function toDirection({ dx, dy }: Direction): Direction {
  const length = Math.max(1, Math.hypot(dx, dy))
  return { dx: dx / length, dy: dy / length }
}

/**
 * One step of walking: pure, and the same on the server and in a client that predicts its own body. Ends at the edge of the map, past the line where there is a
 * neighbour, and slides along walls. The direction has a length of at most 1, which is the full speed.
 */
export function walk(map: MapName, pose: Pose, { dx, dy }: Direction, dtSeconds: number): Pose {
  if (dx === 0 && dy === 0) return pose
  const to = clampTo(map, { x: pose.x + dx * SPEED * dtSeconds, y: pose.y + dy * SPEED * dtSeconds })
  return { ...slide(demoMap(map).walls, pose, to), heading: Math.atan2(dy, dx) }
}
