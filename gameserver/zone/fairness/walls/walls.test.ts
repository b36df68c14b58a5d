import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GridWalls } from './gridWalls.ts'
import { PolygonWalls } from './polygonWalls.ts'
import { inFrontOf, type Point, type Walls } from './walls.ts'

const room = ['#######', '#.....#', '#.##..#', '#..#..#', '#.....#', '#######']
const grid = GridWalls.fromText(room, { left: -10, top: 5, cellM: 2 })
/** The same room as polygons: each free cell is one polygon of a navigation mesh. */
const mesh = PolygonWalls.ofNavmesh(
  room.flatMap((line, row) =>
    [...line].flatMap((cell, column) => {
      const [x, y] = [-10 + 2 * column, 5 + 2 * row]
      const corners = [x, x + 2].flatMap((cx) => [y, y + 2].map((cy) => ({ x: cx, y: cy })))
      const [a, b, c, d] = corners
      return cell === '#' || a === undefined || b === undefined || c === undefined || d === undefined ? [] : [[a, c, d, b]]
    }),
  ),
)

const inside = fc.record({ x: fc.double({ min: -7.9, max: 1.9, noNaN: true }), y: fc.double({ min: 7.1, max: 14.9, noNaN: true }) })
/** Whether small steps along the way stay in free cells. */
function isFree(from: Point, to: Point): boolean {
  const STEPS = 500
  return Array.from({ length: STEPS + 1 }, (_, n) => ({ x: from.x + ((to.x - from.x) * n) / STEPS, y: from.y + ((to.y - from.y) * n) / STEPS })).every(
    (point) => !grid.isBlocked(point),
  )
}

it.each<[string, Walls]>([
  ['a grid', grid],
  ['a navigation mesh', mesh],
])('%s: a way is clear exactly when no point of it is inside a wall, and a body stops in front', (_, walls) => {
  fc.assert(
    fc.property(inside, inside, (from, to) => {
      if (grid.isBlocked(from)) return
      const part = walls.clearPart(from, to)
      if (!isFree(from, to)) expect(part).toBeLessThan(1)
      if (part === 1) expect(isFree(from, to)).toBe(true)
      const end = inFrontOf(walls, from, to)
      expect(grid.isBlocked(end)).toBe(false)
    }),
    { numRuns: 2_000 },
  )
})

it('a way between two walls that touch at a corner is closed', () => {
  const corner = GridWalls.fromText(['.#', '#.'], { left: 0, top: 0, cellM: 1 })
  expect(corner.clearPart({ x: 0.5, y: 0.5 }, { x: 1.5, y: 1.5 })).toBeLessThan(1)
})

it('a body inside a wall may leave it, and nobody leaves the grid', () => {
  expect(grid.clearPart({ x: -9, y: 8 }, { x: -7, y: 8 })).toBe(1)
  expect(grid.clearPart({ x: -9, y: 6 }, { x: -9, y: 6.5 })).toBe(0)
  expect(grid.clearPart({ x: -7, y: 8 }, { x: -100, y: 8 })).toBeLessThan(1)
})

it('obstacles of any shape stop a way, and do not stop one beside them', () => {
  const house = PolygonWalls.around([
    [
      { x: 0, y: 0 },
      { x: 4, y: 1 },
      { x: 2, y: 5 },
    ],
  ])
  expect(house.clearPart({ x: -2, y: 2 }, { x: 6, y: 2 })).toBeCloseTo((0.8 + 2) / 8)
  expect(house.clearPart({ x: -2, y: -1 }, { x: 6, y: -1 })).toBe(1)
  expect(new PolygonWalls([]).clearPart({ x: 0, y: 0 }, { x: 1, y: 1 })).toBe(1)
})

it('a grid whose size differs from its cells is refused', () => {
  expect(() => new GridWalls({ left: 0, top: 0, cellM: 1, columns: 2, rows: 2, blocked: new Uint8Array(3) })).toThrow('3 cells')
})
