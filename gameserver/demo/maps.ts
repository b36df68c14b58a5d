import type { MapName } from '../../model/ids.ts'
import { hash } from '../../model/random.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import { FIRST_THING } from '../zone/zoneRoom.ts'

/** Kinds of entities. */
export const KIND = { player: 0, tree: 1, rock: 2, reed: 3, well: 4 } as const

interface DemoMap {
  /** Half the side of the square map, in metres. At most 900, because snapshots can express ±1,024. */
  half: number
  spawns: readonly { x: number; y: number }[]
  resource: { kind: number; item: string; name: string; count: number }
  /** The map beyond each edge, as in the maps' policies. */
  neighbours: Partial<Record<'north' | 'east' | 'south' | 'west', MapName>>
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
  },
  hills: {
    half: 400,
    spawns: [
      { x: 0, y: -40 },
      { x: 80, y: 60 },
    ],
    resource: { kind: KIND.rock, item: 'ore', name: 'Ore', count: 120 },
    neighbours: { west: 'forest' },
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
  },
  marsh: {
    half: 350,
    spawns: [
      { x: -30, y: 0 },
      { x: 30, y: 30 },
    ],
    resource: { kind: KIND.reed, item: 'reed', name: 'Reeds', count: 140 },
    neighbours: { north: 'forest' },
  },
}
/** Used for maps that have no entry above. */
const defaultMap: DemoMap = { half: 200, spawns: [{ x: 0, y: 0 }], resource: { kind: KIND.tree, item: 'wood', name: 'Tree', count: 60 }, neighbours: {} }

export const demoMap = (map: MapName): DemoMap => maps[map] ?? defaultMap

/** Resource nodes with the same positions and ids in each copy of a map, so that a moved player keeps them in sight (rule M5). */
export function resourceNodes(map: MapName): EntityView[] {
  const { half, resource } = demoMap(map)
  const seed = hash(map)
  return Array.from({ length: resource.count }, (_, index) => ({
    // Each map has its own range of 2^16 ids, derived from its name.
    id: FIRST_THING + (seed % 30_000) * 65_536 + index,
    kind: resource.kind,
    x: spread(seed, index, 1) * (half - 5),
    y: spread(seed, index, 2) * (half - 5),
    heading: 0,
    flags: 0,
    name: resource.name,
  }))
}

/** Evenly spread value in -1..1: a low-discrepancy sequence (multiples of an irrational number, offset by the map). */
function spread(seed: number, index: number, axis: 1 | 2): number {
  const step = axis === 1 ? 0.754_877_666 : 0.569_840_291
  return (((seed % 1_000) / 1_000 + (index + 1) * step) % 1) * 2 - 1
}
