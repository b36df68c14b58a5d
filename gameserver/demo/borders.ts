import type { MapName } from '../../model/ids.ts'
import { demoMap } from './maps.ts'

export type Edge = 'north' | 'east' | 'south' | 'west'
interface Point {
  x: number
  y: number
}

/** Both maps go on for so many metres beyond the line between them: whoever walks to and fro on it stays on one of them. */
export const OVERLAP = 10
/** So far before the end of the overlap a place beyond is made ready: three seconds at a walk, and less than the overlap is wide. */
const READY = 18

const opposite: Record<Edge, Edge> = { north: 'south', east: 'west', south: 'north', west: 'east' }

/** How far out of the map's middle towards an edge; north is up the screen, towards smaller y. */
function towards(edge: Edge, { x, y }: Point): number {
  return { north: -y, east: x, south: y, west: -x }[edge]
}

/** The furthest that one may walk towards an edge: past the line where there is a neighbour. */
export function reach(map: MapName, edge: Edge): number {
  const { half, neighbours } = demoMap(map)
  return neighbours[edge] === undefined ? half : half + OVERLAP
}

export function clampTo(map: MapName, { x, y }: Point): Point {
  return {
    x: Math.max(-reach(map, 'west'), Math.min(reach(map, 'east'), x)),
    y: Math.max(-reach(map, 'north'), Math.min(reach(map, 'south'), y)),
  }
}

/** The neighbour that somebody here is about to walk into. */
export function nearBorder(map: MapName, at: Point): MapName | undefined {
  for (const [edge, neighbour] of edges(map)) if (towards(edge, at) > reach(map, edge) - READY) return neighbour
  return undefined
}

/** At the end of the overlap: from here on they belong to the neighbour. */
export function crossed(map: MapName, to: MapName, at: Point): boolean {
  return edges(map).some(([edge, neighbour]) => neighbour === to && towards(edge, at) >= reach(map, edge) - 0.5)
}

/** The same place as the neighbour counts it; undefined where the two maps do not touch. Along the edge the middles meet. */
export function across(from: MapName, to: MapName, at: Point): Point | undefined {
  const [edge] = edges(from).find(([, neighbour]) => neighbour === to) ?? []
  if (edge === undefined || demoMap(to).neighbours[opposite[edge]] !== from) return undefined
  // How far past the line; on the other side the line is as far out towards the opposite edge.
  const past = towards(edge, at) - demoMap(from).half
  if (past < -READY) return undefined
  const out = demoMap(to).half - past
  const place = { north: { x: at.x, y: out }, east: { x: -out, y: at.y }, south: { x: at.x, y: -out }, west: { x: out, y: at.y } }[edge]
  return clampTo(to, place)
}

function edges(map: MapName): [Edge, MapName][] {
  return Object.entries(demoMap(map).neighbours) as [Edge, MapName][] // the keys are edges
}
