import type { MapName } from '../../model/ids.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import { FIRST_THING } from '../zone/zoneRoom.ts'

/** What stands on a map: 0 is a player. */
export const KIND = { player: 0, tree: 1, rock: 2, reed: 3, well: 4 } as const

interface DemoMap {
  /** Half the side of the square, in metres: ±900 at most, so that snapshots reach everything. */
  half: number
  spawns: readonly { x: number; y: number }[]
  resource: { kind: number; item: string; name: string; count: number }
  /** Maps that one walks into over an edge; their policies say the same. */
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
/** For maps that a designer adds without a word to us. */
const plain: DemoMap = { half: 200, spawns: [{ x: 0, y: 0 }], resource: { kind: KIND.tree, item: 'wood', name: 'Tree', count: 60 }, neighbours: {} }

export const demoMap = (map: MapName): DemoMap => maps[map] ?? plain

/** The same places and ids in each copy of a map: a moved player keeps everything in sight (rule M5). */
export function resourceNodes(map: MapName): EntityView[] {
  const { half, resource } = demoMap(map)
  const seed = hash(map)
  return Array.from({ length: resource.count }, (_, index) => ({
    // Maps do not share ids: 2^16 for each, by its name.
    id: FIRST_THING + (seed % 30_000) * 65_536 + index,
    kind: resource.kind,
    x: spread(seed, index, 1) * (half - 5),
    y: spread(seed, index, 2) * (half - 5),
    heading: 0,
    flags: 0,
    name: resource.name,
  }))
}

/** -1..1, evenly: a low-discrepancy walk (multiples of an irrational number, offset by the map). */
function spread(seed: number, index: number, axis: 1 | 2): number {
  const step = axis === 1 ? 0.754_877_666 : 0.569_840_291
  return (((seed % 1_000) / 1_000 + (index + 1) * step) % 1) * 2 - 1
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return value >>> 0
}
