import type { MapName } from '../../model/ids.ts'
import { PolygonWalls } from '../zone/fairness/walls/polygonWalls.ts'
import type { Walls } from '../zone/fairness/walls/walls.ts'
import { demoMap } from './maps.ts'
import type { Wall } from './walls.ts'

const known = new Map<MapName, Walls>()

/** The walls of a map, for lines of sight: of players who attack, and of creatures. */
export function sightOf(map: MapName): Walls {
  const walls = known.get(map) ?? PolygonWalls.around(demoMap(map).walls.map(cornersOf))
  known.set(map, walls)
  return walls
}

function cornersOf({ west, east, north, south }: Wall): { x: number; y: number }[] {
  return [
    { x: west, y: north },
    { x: east, y: north },
    { x: east, y: south },
    { x: west, y: south },
  ]
}
