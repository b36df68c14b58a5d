import type { MapName } from '../../../model/ids.ts'
import { barrowRooms } from '../barrow.ts'
import { type Species, species } from './species.ts'

export interface CreatureSpawn {
  species: Species
  /** Where it lives, in metres. */
  x: number
  y: number
}

interface Herd {
  species: Species
  count: number
  /** Centre of the herd, and the distances between which its members live, in metres. */
  x: number
  y: number
  from: number
  to: number
}

/** Angle in radians between two neighbours of a herd: the golden angle spreads any number of them evenly. */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5))

/** Boars live where players arrive and attack nobody first. Wolves live in dens far away from there. */
const herds: Record<MapName, readonly Herd[]> = {
  forest: [
    { species: species.boar, count: 20, x: 0, y: 0, from: 20, to: 90 },
    { species: species.wolf, count: 6, x: -225, y: -225, from: 3, to: 25 },
  ],
  hills: [
    { species: species.boar, count: 14, x: 0, y: 0, from: 20, to: 90 },
    { species: species.wolf, count: 6, x: -250, y: 250, from: 3, to: 25 },
  ],
  marsh: [
    { species: species.boar, count: 14, x: 0, y: 0, from: 20, to: 90 },
    { species: species.wolf, count: 6, x: 250, y: 250, from: 3, to: 25 },
  ],
  barrow: [
    ...[0, 2, 3, 3, 2].map((count, index): Herd => ({ species: species.wight, count, ...roomAt(index), from: 4, to: 9 })),
    { species: species.wight, count: 2, ...roomAt(0), from: 3, to: 5 },
    { species: species.king, count: 1, ...roomAt(4), from: 0, to: 0 },
  ],
}

/** The creatures of a map, in the same order in each of its copies. */
export function spawnTable(map: MapName): CreatureSpawn[] {
  return (herds[map] ?? []).flatMap(({ species: kind, count, x, y, from, to }) =>
    Array.from({ length: count }, (_, index) => {
      const distance = from + ((to - from) * (index + 0.5)) / count
      return { species: kind, x: x + Math.cos(index * GOLDEN_ANGLE) * distance, y: y + Math.sin(index * GOLDEN_ANGLE) * distance }
    }),
  )
}

function roomAt(index: number): { x: number; y: number } {
  return barrowRooms[index] ?? { x: 0, y: 0 }
}
