import type { MapName } from '../../model/ids.ts'
import { demoMap } from './maps.ts'

export type Edge = 'north' | 'east' | 'south' | 'west'
interface Point {
  x: number
  y: number
}

/** Both maps extend this many metres beyond the line between them, so that a player who walks back and forth on the line stays on one map. */
export const OVERLAP_M = 10
/**
 * Distance in metres from the end of the overlap at which a border move is prepared: three seconds of walking. Less than twice OVERLAP_M, so that a
 * body which has just crossed is not near the border again.
 */
const NEAR_BORDER_M = 18

const opposite: Record<Edge, Edge> = { north: 'south', east: 'west', south: 'north', west: 'east' }

/** Distance from the map's centre towards an edge. North is smaller y. */
function towards(edge: Edge, { x, y }: Point): number {
  return { north: -y, east: x, south: y, west: -x }[edge]
}

/** Largest distance from the centre towards an edge that a body may walk: past the line where there is a neighbour. */
export function limitTowards(map: MapName, edge: Edge): number {
  const { half, neighbours } = demoMap(map)
  return neighbours[edge] === undefined ? half : half + OVERLAP_M
}

export function clampTo(map: MapName, { x, y }: Point): Point {
  return {
    x: Math.max(-limitTowards(map, 'west'), Math.min(limitTowards(map, 'east'), x)),
    y: Math.max(-limitTowards(map, 'north'), Math.min(limitTowards(map, 'south'), y)),
  }
}

/** The neighbouring map that a body at this position is about to walk into. In a corner it is the one whose border is nearer. */
export function nearBorder(map: MapName, at: Point): MapName | undefined {
  let nearest: { left: number; neighbour: MapName } | undefined
  for (const [edge, neighbour] of edges(map)) {
    const left = limitTowards(map, edge) - towards(edge, at)
    if (left < NEAR_BORDER_M && left < (nearest?.left ?? Number.POSITIVE_INFINITY)) nearest = { left, neighbour }
  }
  return nearest?.neighbour
}

/** Whether the position is at the end of the overlap, where a body moves over to the neighbour. */
export function crossed(map: MapName, to: MapName, at: Point): boolean {
  return edges(map).some(([edge, neighbour]) => neighbour === to && towards(edge, at) >= limitTowards(map, edge) - 0.5)
}

/** Converts a position to the coordinates of a neighbouring map; undefined where the maps do not touch. The centres of the two edges coincide. */
export function across(from: MapName, to: MapName, at: Point): Point | undefined {
  const [edge] = edges(from).find(([, neighbour]) => neighbour === to) ?? []
  if (edge === undefined || demoMap(to).neighbours[opposite[edge]] !== from) return undefined
  // Distance past the line. On the other map the line is at `half` towards the opposite edge.
  const past = towards(edge, at) - demoMap(from).half
  if (past < -NEAR_BORDER_M) return undefined
  const out = demoMap(to).half - past
  const place = { north: { x: at.x, y: out }, east: { x: -out, y: at.y }, south: { x: at.x, y: -out }, west: { x: out, y: at.y } }[edge]
  return clampTo(to, place)
}

function edges(map: MapName): [Edge, MapName][] {
  return Object.entries(demoMap(map).neighbours) as [Edge, MapName][] // the keys are edges
}
