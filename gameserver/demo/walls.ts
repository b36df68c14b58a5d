interface Point {
  x: number
  y: number
}

/** A rectangle that nobody walks or sees through, in metres. North is smaller y. */
export interface Wall {
  west: number
  east: number
  north: number
  south: number
}

/** Radius of a body in metres: it stays this far from every wall. */
export const BODY_RADIUS_M = 0.4

/** Whether a body at this position would overlap a wall. */
export function insideWall(walls: readonly Wall[], { x, y }: Point): boolean {
  return walls.some(
    ({ west, east, north, south }) => x > west - BODY_RADIUS_M && x < east + BODY_RADIUS_M && y > north - BODY_RADIUS_M && y < south + BODY_RADIUS_M,
  )
}

/**
 * Where a body ends that walks from one position to another: there, or along the wall that it meets. The distance must be shorter than a wall is thick. A body
 * that stands inside a wall, because the map has changed, may walk out.
 */
export function slide(walls: readonly Wall[], from: Point, to: Point): Point {
  if (walls.length === 0 || !insideWall(walls, to) || insideWall(walls, from)) return to
  const [alongX, alongY] = [
    { x: to.x, y: from.y },
    { x: from.x, y: to.y },
  ]
  if (!insideWall(walls, alongX)) return alongX
  return insideWall(walls, alongY) ? { x: from.x, y: from.y } : alongY
}
