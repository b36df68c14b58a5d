import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Doorbell } from './doorbell.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function waited(doorbell: Doorbell, maxMs: number, during: () => void, signal = new AbortController().signal): Promise<number> {
  const began = performance.now()
  let ended: number | undefined
  void doorbell.wait(maxMs, signal).then(() => {
    ended = performance.now() - began
  })
  during()
  while (ended === undefined) await vi.advanceTimersByTimeAsync(1)
  return ended
}

it('waits its time when nobody rings', async () => {
  expect(await waited(new Doorbell(), 1_000, () => {})).toBeCloseTo(1_000, -1)
})

it('many rings are one, as soon as the most urgent says', async () => {
  const bell = new Doorbell()
  const ms = await waited(bell, 1_000, () => {
    bell.ring(300)
    bell.ring(100)
    bell.ring(200)
  })
  expect(ms).toBeCloseTo(100, -1)
  expect(await waited(bell, 500, () => {})).toBeCloseTo(500, -1)
})

it('a ring while nobody waits is not lost', async () => {
  const bell = new Doorbell()
  bell.ring(50)
  expect(await waited(bell, 1_000, () => {})).toBeCloseTo(50, -1)
})

it('stops waiting when told to', async () => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 20)
  expect(await waited(new Doorbell(), 1_000, () => {}, stop.signal)).toBeCloseTo(20, -1)
})
