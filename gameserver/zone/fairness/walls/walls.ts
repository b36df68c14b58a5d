/** A position on the map, in metres. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** What a body cannot walk through, or cannot see through. */
export interface Walls {
  /** The part of the way from `from` to `to` up to the first wall, 0..1; 1: no wall is in the way. */
  clearPart(from: Point, to: Point): number
}

/** Distance in metres that a body is kept from a wall, so that rounding does not put it inside. */
const SKIN_M = 0.01

/** The last point of the way in front of the first wall. */
export function inFrontOf(walls: Walls, from: Point, to: Point): Point {
  const part = walls.clearPart(from, to)
  if (part >= 1) return { x: to.x, y: to.y }
  return along(from, to, Math.max(0, part - SKIN_M / Math.max(SKIN_M, distance(from, to))))
}

/** The point at this part of the way, 0..1. */
export function along(from: Point, to: Point, part: number): Point {
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y)
}
