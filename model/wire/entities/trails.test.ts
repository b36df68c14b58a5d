import { expect, it } from 'vitest'
import { Trails } from './trails.ts'

const positions = (x: number) => ({ x: Int32Array.of(x), y: Int32Array.of(0), z: Int32Array.of(0) })

it('M5: an entity that gets the slot of another one has no position of before', () => {
  const trails = new Trails(1)
  trails.add(0, 1, positions(10))
  trails.add(0, 3, positions(20))
  expect([trails.at(0, 0), trails.at(0, 2)?.x, trails.at(0, 5)?.x]).toEqual([undefined, 10, 20])
  trails.clear(0)
  expect(trails.at(0, 5)).toBeUndefined()
  trails.add(0, 4, positions(30))
  expect([trails.at(0, 3), trails.at(0, 4)?.x]).toEqual([undefined, 30])
})

it('knows the last 16 positions, and none that is older', () => {
  const trails = new Trails(1)
  for (let tick = 1; tick <= 20; tick++) trails.add(0, tick, positions(tick))
  expect(Array.from({ length: 20 }, (_, n) => trails.at(0, n + 1)?.x ?? 0)).toEqual(Array.from({ length: 20 }, (_, n) => (n < 4 ? 0 : n + 1)))
})
