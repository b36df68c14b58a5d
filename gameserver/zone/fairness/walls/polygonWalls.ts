import Flatbush from 'flatbush'
import type { Point, Walls } from './walls.ts'

/** Corners in order; the last is connected with the first. */
export type Polygon = readonly Point[]

/** Corners of one navigation mesh that are closer than this are the same corner, in metres. */
const SAME_M = 0.001

/** Collision with straight walls of any direction, found by a packed R-tree of their boxes (flatbush). */
export class PolygonWalls implements Walls {
  /** Four numbers for each wall: x and y of both ends. */
  readonly #ends: Float64Array
  readonly #index: Flatbush | undefined

  constructor(walls: readonly (readonly [Point, Point])[]) {
    this.#ends = new Float64Array(walls.flatMap(([a, b]) => [a.x, a.y, b.x, b.y]))
    if (walls.length === 0) return
    this.#index = new Flatbush(walls.length)
    for (const [a, b] of walls) this.#index.add(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y))
    this.#index.finish()
  }

  /** Walls around obstacles such as houses. */
  static around(obstacles: readonly Polygon[]): PolygonWalls {
    return new PolygonWalls(obstacles.flatMap(edgesOf))
  }

  /** The border of a navigation mesh: the edges that belong to one of its polygons only. A body may walk inside it. */
  static ofNavmesh(polygons: readonly Polygon[]): PolygonWalls {
    const edges = new Map<string, { edge: readonly [Point, Point]; uses: number }>()
    for (const edge of polygons.flatMap(edgesOf)) {
      const key = edge.map(cornerKey).sort().join(' ')
      const known = edges.get(key)
      if (known === undefined) edges.set(key, { edge, uses: 1 })
      else known.uses++
    }
    return new PolygonWalls([...edges.values()].filter(({ uses }) => uses === 1).map(({ edge }) => edge))
  }

  clearPart(from: Point, to: Point): number {
    if (this.#index === undefined) return 1
    let part = 1
    const near = this.#index.search(Math.min(from.x, to.x), Math.min(from.y, to.y), Math.max(from.x, to.x), Math.max(from.y, to.y))
    for (const wall of near) part = Math.min(part, this.#crossing(wall, from, to))
    return part
  }

  /** The part of the way at which it crosses the wall; 1 when it does not. A way along the wall does not cross it. */
  #crossing(wall: number, from: Point, to: Point): number {
    const [ax = 0, ay = 0, bx = 0, by = 0] = this.#ends.subarray(4 * wall, 4 * wall + 4)
    const [dx, dy, wx, wy] = [to.x - from.x, to.y - from.y, bx - ax, by - ay]
    const area = dx * wy - dy * wx
    if (area === 0) return 1
    const part = ((ax - from.x) * wy - (ay - from.y) * wx) / area
    const onWall = ((ax - from.x) * dy - (ay - from.y) * dx) / area
    return part >= 0 && part <= 1 && onWall >= 0 && onWall <= 1 ? part : 1
  }
}

function edgesOf(polygon: Polygon): [Point, Point][] {
  return polygon.map((corner, index) => [corner, polygon[(index + 1) % polygon.length] ?? corner])
}

function cornerKey({ x, y }: Point): string {
  return `${Math.round(x / SAME_M)},${Math.round(y / SAME_M)}`
}
