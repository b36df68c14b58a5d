import { expect, it } from 'vitest'
import { drawPopulation, type PopulationSample } from './picture.ts'

const sample = (second: number, copies: [string, string, number][], movesDone = 0): PopulationSample => ({
  at: second * 1000,
  movesDone,
  copies: copies.map(([copy, state, players]) => ({ map: 'forest', copy, state, players })),
})

it('draws a lane for each copy, pale while the copy is closing', () => {
  const svg = drawPopulation(
    [
      sample(0, [['forest-a', 'open', 10]]),
      sample(5, [
        ['forest-a', 'open', 40],
        ['forest-b', 'open', 20],
      ]),
      sample(
        10,
        [
          ['forest-a', 'open', 50],
          ['forest-b', 'closing', 5],
        ],
        15,
      ),
    ],
    'forest',
    50,
  )
  expect(svg.match(/<polygon/g)).toHaveLength(3)
  expect(svg).toContain('fill-opacity="0.3"')
  expect(svg).toContain('60 players at the peak, 2 copies, 15 moves')
})

it('leaves out other maps, and throws when there are no samples', () => {
  expect(drawPopulation([sample(0, [['forest-a', 'open', 1]])], 'hills', 50)).not.toContain('forest-a')
  expect(() => drawPopulation([], 'forest', 50)).toThrow('no samples')
})
