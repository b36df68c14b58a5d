import { expect, it } from 'vitest'
import { type CrowdSample, drawCrowd } from './picture.ts'

const sample = (second: number, copies: [string, string, number][], movesDone = 0): CrowdSample => ({
  at: second * 1000,
  movesDone,
  copies: copies.map(([copy, state, players]) => ({ map: 'forest', copy, state, players })),
})

it('draws a lane for each copy that ever was, pale where it closes', () => {
  const svg = drawCrowd(
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

it('leaves other maps out, and says so when there is nothing to draw', () => {
  expect(drawCrowd([sample(0, [['forest-a', 'open', 1]])], 'hills', 50)).not.toContain('forest-a')
  expect(() => drawCrowd([], 'forest', 50)).toThrow('no samples')
})
