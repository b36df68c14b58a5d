import { expect, it } from 'vitest'
import { ClockOffset } from './clockOffset.ts'

it('the offset is that of the fastest of the last ten answers, within half of its round trip', () => {
  const offset = new ClockOffset()
  expect(offset.largestMs).toBeUndefined()
  // Redis is 3 s ahead. Answers that take longer on one way are wrong by half of the difference.
  for (let n = 0; n < 9; n++) offset.record('one', 10_000 + 3_000 + 5, { sent: 10_000, received: 10_200 })
  offset.record('one', 10_000 + 3_000 + 5, { sent: 10_000, received: 10_010 })
  expect(offset.largestMs).toBe(3_000)
  // The clock was corrected: after ten answers nothing shows the old one.
  for (let n = 0; n < 10; n++) offset.record('one', 20_050, { sent: 20_000, received: 20_100 })
  expect(offset.largestMs).toBe(0)
})

it('with several nodes the largest difference counts, ahead or behind, as long as the node is one of them', () => {
  const offset = new ClockOffset()
  offset.record('one', 1_010, { sent: 1_000, received: 1_000 })
  offset.record('other', 700, { sent: 1_000, received: 1_000 })
  expect(offset.largestMs).toBe(-300)
  offset.keep(new Set(['one']))
  expect(offset.largestMs).toBe(10)
})
