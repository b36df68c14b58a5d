import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Alarm } from './alarm.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function measureWait(alarm: Alarm, maxMs: number, during: () => void, signal = new AbortController().signal): Promise<number> {
  const began = performance.now()
  let ended: number | undefined
  void alarm.wait(maxMs, signal).then(() => {
    ended = performance.now() - began
  })
  during()
  while (ended === undefined) await vi.advanceTimersByTimeAsync(1)
  return ended
}

it('without a wake-up it waits for the longest time', async () => {
  expect(await measureWait(new Alarm(), 1_000, () => {})).toBeCloseTo(1_000, -1)
})

it('several wake-ups end the wait once, at the earliest of their times', async () => {
  const alarm = new Alarm()
  const ms = await measureWait(alarm, 1_000, () => {
    alarm.wakeWithin(300)
    alarm.wakeWithin(100)
    alarm.wakeWithin(200)
  })
  expect(ms).toBeCloseTo(100, -1)
  expect(await measureWait(alarm, 500, () => {})).toBeCloseTo(500, -1)
})

it('a wake-up before the wait begins is kept', async () => {
  const alarm = new Alarm()
  alarm.wakeWithin(50)
  expect(await measureWait(alarm, 1_000, () => {})).toBeCloseTo(50, -1)
})

it('stops waiting when the signal aborts', async () => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 20)
  expect(await measureWait(new Alarm(), 1_000, () => {}, stop.signal)).toBeCloseTo(20, -1)
})
