import { type EntityId, FIRST_THING, type MapName } from '../../model/ids.ts'
import { hash } from '../../model/random.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import { barrowWalls } from './barrow.ts'
import type { Wall } from './walls.ts'

/** Kinds of entities. */
export const KIND = { player: 0, tree: 1, rock: 2, reed: 3, well: 4, boar: 10, wolf: 11, wight: 12, barrowKing: 13 } as const

interface DemoMap {
  /** Half the side of the square map, in metres. At most 900, because snapshots can express ±1,024. */
  half: number
  spawns: readonly { x: number; y: number }[]
  /** Distances of the characters from their spawn point, as a share of the usual ones; 1 by default. */
  spread?: number
  resource: { kind: number; item: string; name: string; count: number }
  /** The map beyond each edge, as in the maps' policies. */
  neighbours: Partial<Record<'north' | 'east' | 'south' | 'west', MapName>>
  walls: readonly Wall[]
}

const maps: Record<MapName, DemoMap> = {
  forest: {
    half: 300,
    spawns: [
      { x: 0, y: 0 },
      { x: 60, y: -20 },
      { x: -50, y: 40 },
    ],
    resource: { kind: KIND.tree, item: 'wood', name: 'Oak', count: 160 },
    neighbours: { east: 'hills', south: 'marsh' },
    walls: [],
  },
  hills: {
    half: 400,
    spawns: [
      { x: 0, y: -40 },
      { x: 80, y: 60 },
    ],
    resource: { kind: KIND.rock, item: 'ore', name: 'Ore', count: 120 },
    neighbours: { west: 'forest' },
    walls: [],
  },
  town: {
    half: 150,
    spawns: [
      { x: 0, y: 0 },
      { x: 20, y: 20 },
      { x: -20, y: 20 },
      { x: 0, y: -25 },
    ],
    resource: { kind: KIND.well, item: 'water', name: 'Well', count: 12 },
    neighbours: {},
    walls: [],
  },
  marsh: {
    half: 350,
    spawns: [
      { x: -30, y: 0 },
      { x: 30, y: 30 },
    ],
    resource: { kind: KIND.reed, item: 'reed', name: 'Reeds', count: 140 },
    neighbours: { north: 'forest' },
    walls: [],
  },
  barrow: {
    half: 65,
    // In the first room, away from its door.
    spawns: [
      { x: 12, y: 53 },
      { x: 18, y: 53 },
    ],
    spread: 0.3,
    resource: { kind: KIND.rock, item: 'ore', name: 'Ore', count: 0 },
    neighbours: {},
    walls: barrowWalls,
  },
}
/** Used for maps that have no entry above. */
const defaultMap: DemoMap = {
  half: 200,
  spawns: [{ x: 0, y: 0 }],
  resource: { kind: KIND.tree, item: 'wood', name: 'Tree', count: 60 },
  neighbours: {},
  walls: [],
}

export const demoMap = (map: MapName): DemoMap => maps[map] ?? defaultMap

/** Each map has its own range of 2^16 ids, derived from its name. A thing has the same id in each copy of its map. */
export const thingId = (map: MapName, index: number): EntityId => FIRST_THING + (hash(map) % 30_000) * 65_536 + index

/** Where a character appears on a map: on a spiral around one of its spawn points, by its entity id. */
export function spawnPoint(map: MapName, entity: EntityId): { x: number; y: number } {
  const { spawns, spread = 1 } = demoMap(map)
  const place = spawns[entity % spawns.length] ?? { x: 0, y: 0 }
  const [turn, distance] = [entity * 2.4, (2 + (entity % 13)) * spread]
  return { x: place.x + Math.cos(turn) * distance, y: place.y + Math.sin(turn) * distance }
}

/** Resource nodes with the same positions and ids in each copy of a map, so that a moved player keeps them in sight (rule M5). */
export function resourceNodes(map: MapName): EntityView[] {
  const { half, resource } = demoMap(map)
  const seed = hash(map)
  return Array.from({ length: resource.count }, (_, index) => ({
    id: thingId(map, index),
    kind: resource.kind,
    x: evenly(seed, index, 1) * (half - 5),
    y: evenly(seed, index, 2) * (half - 5),
    heading: 0,
    flags: 0,
    name: resource.name,
  }))
}

/** Evenly spread value in -1..1: a low-discrepancy sequence (multiples of an irrational number, offset by the map). */
function evenly(seed: number, index: number, axis: 1 | 2): number {
  const step = axis === 1 ? 0.754_877_666 : 0.569_840_291
  return (((seed % 1_000) / 1_000 + (index + 1) * step) % 1) * 2 - 1
}
