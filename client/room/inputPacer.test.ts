import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { InputPacer } from './inputPacer.ts'

const STEP_MS = 50
let sent: { data: unknown; at: number }[] = []
let pacer: InputPacer

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  pacer = new InputPacer({ stepMs: () => STEP_MS, nowMs: () => Date.now(), send: (data) => sent.push({ data, at: Date.now() }) })
})
afterEach(() => {
  vi.useRealTimers()
})

it.each([60, 75, 90, 120, 144, 165, 240])('a game that sends an input per frame at %i Hz sends one per simulation step, and the latest', (hz) => {
  for (let frame = 0; frame < 10 * hz; frame++) {
    pacer.add(frame, false)
    vi.advanceTimersByTime(Math.round((frame + 1) * (1_000 / hz)) - Math.round(frame * (1_000 / hz)))
  }
  expect(sent.length).toBeLessThanOrEqual(202)
  expect(sent.length).toBeGreaterThan(190)
  vi.advanceTimersByTime(STEP_MS)
  expect(sent.at(-1)?.data).toBe(10 * hz - 1)
})

it('the first input after a pause goes out at once', () => {
  pacer.add('a', false)
  vi.advanceTimersByTime(500)
  pacer.add('b', false)
  expect(sent.map(({ data }) => data)).toEqual(['a', 'b'])
})

it('inputs that the game marks with must all go out, in order', () => {
  pacer.add(1, false)
  pacer.add(2, false)
  pacer.add('jump', true)
  pacer.add('shoot', true)
  pacer.add(3, false)
  pacer.add(4, false)
  vi.advanceTimersByTime(STEP_MS)
  expect(sent.map(({ data }) => data)).toEqual([1, 2, 'jump', 'shoot', 4])
})
