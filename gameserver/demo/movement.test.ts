import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { barrowDoors, barrowRooms, ROOM_M } from './barrow.ts'
import { demoMap, spawnPoint } from './maps.ts'
import { SPEED, toDirection, walk } from './movement.ts'
import { sightOf } from './sight.ts'
import { insideWall } from './walls.ts'

const barrow = demoMap('barrow')
const STEP_SECONDS = 0.05
const direction = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }).map((angle) => ({ dx: Math.cos(angle), dy: Math.sin(angle) }))
const roomOf = ({ x, y }: { x: number; y: number }): number =>
  barrowRooms.findIndex((room) => Math.abs(x - room.x) <= ROOM_M / 2 && Math.abs(y - room.y) <= ROOM_M / 2)

it('a walk ends in a straight line where nothing is in the way, and never faster than the speed', () => {
  expect(walk('forest', { x: 1, y: 2, heading: 3 }, { dx: 0, dy: 1 }, 0.5)).toEqual({ x: 1, y: 2 + SPEED / 2, heading: Math.PI / 2 })
  expect(walk('forest', { x: 1, y: 2, heading: 3 }, { dx: 0, dy: 0 }, 0.5)).toEqual({ x: 1, y: 2, heading: 3 })
  fc.assert(
    fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }), (dx, dy) => {
      const to = walk('forest', { x: 0, y: 0, heading: 0 }, toDirection({ dx, dy }), 1)
      expect(Math.hypot(to.x, to.y)).toBeLessThanOrEqual(SPEED + 1e-9)
    }),
  )
})

describe('the barrow', () => {
  it('nobody walks into a wall or out of the rooms, whatever they try', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.array(fc.tuple(direction, fc.integer({ min: 1, max: 200 })), { maxLength: 20 }), (entity, legs) => {
        let pose = { ...spawnPoint('barrow', entity), heading: 0 }
        expect(roomOf(pose)).toBe(0)
        for (const [towards, steps] of legs) {
          for (let step = 0; step < steps; step++) pose = walk('barrow', pose, towards, STEP_SECONDS)
          expect(insideWall(barrow.walls, pose)).toBe(false)
          expect(roomOf(pose)).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })

  it('a body slides along a wall', () => {
    const at = { x: 15, y: 58.5, heading: 0 }
    const to = walk('barrow', at, { dx: Math.SQRT1_2, dy: Math.SQRT1_2 }, STEP_SECONDS)
    expect(to.y).toBe(at.y)
    expect(to.x).toBeCloseTo(at.x + SPEED * Math.SQRT1_2 * STEP_SECONDS)
  })

  it('the way through the doors leads from the entrance to the last room', () => {
    let pose = { ...spawnPoint('barrow', 1), heading: 0 }
    for (const target of barrowRooms.flatMap((room, index) => [room, ...barrowDoors.slice(index, index + 1)])) {
      for (let step = 0; step < 1_000 && Math.hypot(target.x - pose.x, target.y - pose.y) > 0.5; step++) {
        pose = walk('barrow', pose, toDirection({ dx: target.x - pose.x, dy: target.y - pose.y }), STEP_SECONDS)
      }
      expect(Math.hypot(target.x - pose.x, target.y - pose.y)).toBeLessThan(0.5)
    }
    expect(roomOf(pose)).toBe(4)
  })

  it('rooms are hidden from each other, except through their doors', () => {
    const [first, second, , , last] = barrowRooms
    if (first === undefined || second === undefined || last === undefined) throw new Error('five rooms')
    const sees = (from: { x: number; y: number }, to: { x: number; y: number }): boolean => sightOf('barrow').clearPart(from, to) === 1
    expect(sees(first, second)).toBe(true)
    expect(sees({ x: first.x + 10, y: first.y }, { x: second.x + 10, y: second.y })).toBe(false)
    expect(sees(second, last)).toBe(false)
    expect(sees(second, second)).toBe(true)
  })
})
