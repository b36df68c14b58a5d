import type { Edge } from '../../../../gameserver/demo/borders.ts'
import { demoMap } from '../../../../gameserver/demo/maps.ts'
import type { MapName } from '../../../../model/ids.ts'
import { noiseAt, type Point } from './geography.ts'

/** Half of the width of a road in metres. */
export const ROAD_HALF_M = 2.4
/** Distance between two points of a road in metres. */
const STEP_M = 3

/** The roads of a map in its coordinates: from where players arrive to each neighbour, and between the places of arrival. */
export function roadsOf(map: MapName): Point[][] {
  const { half, spawns, neighbours, walls } = demoMap(map)
  if (walls.length > 0) return []
  const [home = { x: 0, y: 0 }] = spawns
  const gates = (Object.keys(neighbours) as Edge[]).map(
    (edge) => ({ north: { x: 0, y: -half }, east: { x: half, y: 0 }, south: { x: 0, y: half }, west: { x: -half, y: 0 } })[edge],
  )
  const streets =
    gates.length > 0
      ? gates
      : [
          { x: half - 12, y: 0 },
          { x: 12 - half, y: 0 },
          { x: 0, y: half - 12 },
          { x: 0, y: 12 - half },
        ]
  return [...streets, ...spawns.slice(1)].map((to) => winding(home, to))
}

/** A line that winds between two points, and ends exactly at them. */
function winding(from: Point, to: Point): Point[] {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length = Math.hypot(dx, dy)
  const count = Math.max(2, Math.round(length / STEP_M))
  const [bends, turn] = [Math.max(1, length / 130), noiseAt(to.x, to.y, 21) * Math.PI * 2]
  return Array.from({ length: count + 1 }, (_, index) => {
    const share = index / count
    const sway = Math.sin(share * bends * Math.PI * 2 + turn) * Math.min(9, length * 0.12) * Math.sin(share * Math.PI)
    return { x: from.x + dx * share - (dy / length) * sway, y: from.y + dy * share + (dx / length) * sway }
  })
}

/** Whether a place is free of roads and of the stones where players arrive. */
export function isWild(map: MapName, roads: readonly (readonly Point[])[], { x, y }: Point): boolean {
  if (demoMap(map).spawns.some((spawn) => Math.hypot(spawn.x - x, spawn.y - y) < 9)) return false
  return !roads.some((road) => road.some((point) => Math.abs(point.x - x) < ROAD_HALF_M + 3 && Math.abs(point.y - y) < ROAD_HALF_M + 3))
}
