import { type Edge, OVERLAP_M } from '../../../../gameserver/demo/borders.ts'
import { demoMap } from '../../../../gameserver/demo/maps.ts'
import type { MapName } from '../../../../model/ids.ts'

export interface Point {
  x: number
  y: number
}

/**
 * One plane for all maps that touch, in metres: each map's centre on it. The camera goes on over a border, where the coordinates of the own body change. Maps without
 * neighbours are centred at zero, alone.
 */
export function originsAround(map: MapName): Map<MapName, Point> {
  const origins = new Map<MapName, Point>()
  // The first map of the connected ones by name, so that each of them gets the same plane.
  const connected = reach(map, new Map([[map, { x: 0, y: 0 }]]))
  const first = [...connected.keys()].sort()[0] ?? map
  return reach(first, origins.set(first, { x: 0, y: 0 }))
}

function reach(map: MapName, origins: Map<MapName, Point>): Map<MapName, Point> {
  const { half, neighbours } = demoMap(map)
  const at = origins.get(map) ?? { x: 0, y: 0 }
  for (const [edge, neighbour] of Object.entries(neighbours) as [Edge, MapName][]) {
    if (origins.has(neighbour)) continue
    const away = half + demoMap(neighbour).half
    const step = { north: { x: 0, y: -away }, east: { x: away, y: 0 }, south: { x: 0, y: away }, west: { x: -away, y: 0 } }[edge]
    reach(neighbour, origins.set(neighbour, { x: at.x + step.x, y: at.y + step.y }))
  }
  return origins
}

/** Half of the strip between two maps on which they connect: the smaller map's side. */
export function gateHalf(map: MapName, neighbour: MapName): number {
  return Math.min(demoMap(map).half, demoMap(neighbour).half) + OVERLAP_M
}

/** A value in 0..1 for a place and a purpose: the same on every screen. */
export function noiseAt(x: number, y: number, purpose = 0): number {
  let h = Math.imul(x | 0, 374_761_393) + Math.imul(y | 0, 668_265_263) + Math.imul(purpose, 2_147_483_647)
  h = Math.imul(h ^ (h >>> 13), 1_274_126_177)
  return ((h ^ (h >>> 16)) >>> 0) / 4_294_967_296
}

/** Smooth noise in 0..1 that repeats after `period` cells. */
export function smoothNoise(x: number, y: number, period: number, purpose = 0): number {
  const [x0, y0] = [Math.floor(x), Math.floor(y)]
  const [fx, fy] = [fade(x - x0), fade(y - y0)]
  const wrap = (value: number): number => ((value % period) + period) % period
  const corner = (dx: number, dy: number): number => noiseAt(wrap(x0 + dx), wrap(y0 + dy), purpose)
  const top = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * fx
  const bottom = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * fx
  return top + (bottom - top) * fy
}

function fade(t: number): number {
  return t * t * (3 - 2 * t)
}
