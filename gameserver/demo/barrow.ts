import type { Wall } from './walls.ts'

/** Side of a room in metres. Rooms lie side by side and share their walls. */
export const ROOM_M = 30
/** Thickness of a wall in metres. */
const WALL_M = 2
/** Width of a door in metres. */
const DOOR_M = 6

interface Room {
  /** Centre of the room in metres. */
  x: number
  y: number
}

/** The five rooms in the order in which a party clears them; the first has the entrance, the last the boss. Each has a door to the next. */
export const barrowRooms: readonly Room[] = [
  { x: 15, y: 45 },
  { x: 15, y: 15 },
  { x: 15, y: -15 },
  { x: -15, y: -15 },
  { x: -15, y: 15 },
]

/** Centres of the doors: `barrowDoors[n]` leads from room n to room n + 1. */
export const barrowDoors: readonly Room[] = barrowRooms.slice(1).map((room, index) => {
  const before = barrowRooms[index] ?? room
  return { x: (before.x + room.x) / 2, y: (before.y + room.y) / 2 }
})

/** The walls around all rooms, with gaps where the doors are. */
export const barrowWalls: readonly Wall[] = [...sides().values()].flatMap(({ x, y, across }) => {
  const door = barrowDoors.some((one) => one.x === x && one.y === y)
  const [half, thin] = [ROOM_M / 2 + WALL_M / 2, WALL_M / 2]
  const pieces: [number, number][] = door
    ? [
        [-half, -DOOR_M / 2],
        [DOOR_M / 2, half],
      ]
    : [[-half, half]]
  return pieces.map(
    ([from, to]): Wall =>
      across ? { west: x + from, east: x + to, north: y - thin, south: y + thin } : { west: x - thin, east: x + thin, north: y + from, south: y + to },
  )
})

/** Centres of all sides of all rooms, each once; `across` runs west to east. */
function sides(): Map<string, { x: number; y: number; across: boolean }> {
  const found = new Map<string, { x: number; y: number; across: boolean }>()
  for (const { x, y } of barrowRooms) {
    for (const [dx, dy] of [
      [0, -1],
      [0, 1],
      [-1, 0],
      [1, 0],
    ] as const) {
      const side = { x: x + (dx * ROOM_M) / 2, y: y + (dy * ROOM_M) / 2, across: dx === 0 }
      found.set(`${side.x} ${side.y}`, side)
    }
  }
  return found
}
