import { expect, it } from 'vitest'
import { Pace } from './pace.ts'

/** Number of turns of 40 in which the client gets a snapshot. */
const turns = (pace: Pace, unsent: number, pings = 0): number => Array.from({ length: 40 }, () => pace.takesTurn(unsent, pings)).filter(Boolean).length

it('a client that reads gets every snapshot', () => {
  const pace = new Pace()
  expect(turns(pace, 0)).toBe(40)
  expect(pace.share).toBe(1)
})

it('a client that does not read gets fewer snapshots and fewer bytes, and recovers', () => {
  const pace = new Pace()
  expect(turns(pace, 50_000)).toBeLessThan(15)
  expect(pace.share).toBe(1 / 8)
  turns(pace, 0)
  turns(pace, 0)
  expect(pace.share).toBe(1)
})

it('a client that confirms snapshots late is slow although nothing waits on the server', () => {
  const pace = new Pace()
  for (let n = 0; n < 20; n++) pace.confirmed(100)
  expect(turns(pace, 0)).toBe(40)
  pace.confirmed(2_000)
  expect(turns(pace, 0)).toBeLessThan(15)
  pace.confirmed(120)
  turns(pace, 0)
  turns(pace, 0)
  expect(pace.share).toBe(1)
})

it('a client that is far away is not slow', () => {
  const pace = new Pace()
  for (let n = 0; n < 20; n++) pace.confirmed(600 + (n % 3) * 80)
  expect(turns(pace, 0)).toBe(40)
})

it('a client that has not answered the last two pings is slow although nothing waits on the server', () => {
  const pace = new Pace()
  expect(turns(pace, 0, 1)).toBe(40)
  expect(turns(pace, 0, 2)).toBeLessThan(15)
  turns(pace, 0)
  turns(pace, 0)
  expect(pace.share).toBe(1)
})
