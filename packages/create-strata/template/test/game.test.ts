import { expect, it } from 'vitest'
import { mapOf, SPEED, walked } from '../shared/game.ts'

it('walks at the speed of the game, also when a client asks for more', () => {
  expect(walked({ x: 0, y: 0 }, { dx: 1, dy: 0 }, 0.5, 60)).toEqual({ x: SPEED / 2, y: 0 })
  const diagonal = walked({ x: 0, y: 0 }, { dx: 1, dy: 1 }, 1, 60)
  expect(Math.hypot(diagonal.x, diagonal.y)).toBeCloseTo(SPEED)
})

it('stays on the map', () => {
  const { half } = mapOf('cave')
  expect(walked({ x: half, y: 0 }, { dx: 1, dy: 0 }, 10, half)).toEqual({ x: half, y: 0 })
})
