import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PolicyFolder } from '../../service/policyFolder.ts'
import { across, clampTo, crossed, nearBorder } from './borders.ts'
import { demoMap } from './maps.ts'

it('converts a position to the neighbouring map and back without a change', () => {
  fc.assert(
    fc.property(fc.integer({ min: -290, max: 290 }), fc.integer({ min: -9, max: 9 }), (along, past) => {
      const there = across('forest', 'hills', { x: 300 + past, y: along })
      expect(there).toEqual({ x: -400 + past, y: along })
      expect(there === undefined ? undefined : across('hills', 'forest', there)).toEqual({ x: 300 + past, y: along })
    }),
  )
  expect(across('forest', 'marsh', { x: 5, y: 309 })).toEqual({ x: 5, y: -341 })
})

it('walking back and forth on the line never crosses; after a crossing the next border move is not due', () => {
  for (let past = -9; past <= 9; past++) {
    expect(crossed('forest', 'hills', { x: 300 + past, y: 0 })).toBe(false)
    expect(crossed('hills', 'forest', { x: -400 + past, y: 0 })).toBe(false)
  }
  const there = across('forest', 'hills', { x: 309.5, y: 0 })
  expect(crossed('forest', 'hills', { x: 309.5, y: 0 })).toBe(true)
  expect(there === undefined ? 'nowhere' : nearBorder('hills', there)).toBeUndefined()
})

it('a body is near a border before the line, and only where there is a neighbour', () => {
  expect(nearBorder('forest', { x: 293, y: 0 })).toBe('hills')
  expect(nearBorder('forest', { x: 0, y: 293 })).toBe('marsh')
  expect(nearBorder('forest', { x: -299, y: 0 })).toBeUndefined()
  expect(clampTo('forest', { x: 400, y: -400 })).toEqual({ x: 310, y: -300 })
  expect(across('town', 'forest', { x: 0, y: 0 })).toBeUndefined()
})

it('the maps have the neighbours that their policies name', async () => {
  await using folder = await PolicyFolder.open('fleets', { warn() {}, info() {}, error() {} } as never)
  for (const { map, neighbours } of folder.policies().values()) {
    expect(Object.fromEntries(neighbours.map(({ map: neighbour, edge }) => [edge, neighbour])), map).toEqual(demoMap(map).neighbours)
  }
})

it('in a corner of three maps, the border that is nearer counts', () => {
  expect(nearBorder('forest', { x: 295, y: 280 })).toBe('hills')
  expect(nearBorder('forest', { x: 295, y: 310 })).toBe('marsh')
  expect(crossed('forest', 'marsh', { x: 295, y: 310 })).toBe(true)
})
