import { z } from 'zod'

/** The world of this bench, for Strata and for its peers: people walk on an empty square. */
export const walkInput = z.strictObject({ dx: z.number().min(-1).max(1), dy: z.number().min(-1).max(1) })
export type WalkInput = z.infer<typeof walkInput>

export const STEPS_PER_SECOND = 20
/** Distance in metres at which people see each other. */
export const SIGHT_M = 60
/** Bit of the flags that says that a body moves. */
export const MOVING = 1
/** Metres a second. */
const SPEED = 6

export interface Walker {
  x: number
  y: number
  heading: number
  flags: number
  walk: WalkInput
}

/** Half the side of the square, in metres, in which each person has about this many others in sight. */
export function halfSideFor(people: number, inSight: number): number {
  return Math.round(Math.sqrt((people / inSight) * Math.PI * SIGHT_M ** 2) / 2)
}

/** Spreads people evenly. */
export function placeOf(index: number, half: number): { x: number; y: number } {
  const along = (spread: number): number => (((index * spread) % 1) * 2 - 1) * half
  return { x: along(0.754_877_666), y: along(0.569_840_291) }
}

/** Shortest way in one step that counts as moving, in metres: a shorter one may be less than a step of the wire. */
const MOVED_M = 0.05

/** One step of one body. Somebody who comes to the edge walks back from it. */
export function step(body: Walker, half: number, seconds: number): void {
  const { dx, dy } = body.walk
  const [x, y] = [body.x + dx * SPEED * seconds, body.y + dy * SPEED * seconds]
  const [outX, outY] = [Math.abs(x) > half, Math.abs(y) > half]
  const way = Math.hypot(outX ? 0 : x - body.x, outY ? 0 : y - body.y)
  // Nobody who stands at the edge is late in anybody's view.
  body.flags = way > MOVED_M ? MOVING : 0
  if (way === 0 && !outX && !outY) return
  if (!outX) body.x = x
  if (!outY) body.y = y
  if (outX || outY) body.walk = { dx: outX ? -dx : dx, dy: outY ? -dy : dy }
  body.heading = Math.atan2(body.walk.dy, body.walk.dx)
}
