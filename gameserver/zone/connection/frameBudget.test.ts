import { expect, it } from 'vitest'
import { FrameBudget, INPUT_BURST, MESSAGE_BURST, MESSAGES_PER_SECOND, TYPE_RATE } from './frameBudget.ts'

const TICK_RATE = 20
/** Sends inputs at `hz` for `seconds`, in one burst each `burstMs`; returns how many were refused. */
function refused(hz: number, seconds: number, burstMs = 50): number {
  const budget = new FrameBudget(TICK_RATE, 0)
  let count = 0
  for (let ms = burstMs, sent = 0; ms <= seconds * 1_000; ms += burstMs) {
    for (; sent < (ms * hz) / 1_000; sent++) if (!budget.takeFrame(ms) || !budget.takeInput(ms)) count++
  }
  return count
}

it('X1: a client may send one burst of messages and a sustained rate, and no more', () => {
  const budget = new FrameBudget(TICK_RATE, 0)
  for (let frame = 0; frame < MESSAGE_BURST; frame++) expect(budget.takeMessage(0)).toBe(true)
  expect(budget.takeMessage(0)).toBe(false)
  for (let ms = 1_000; ms <= 20_000; ms += 1_000) for (let frame = 0; frame < MESSAGES_PER_SECOND; frame++) expect(budget.takeMessage(ms)).toBe(true)
  expect(budget.takeMessage(20_000)).toBe(false)
})

it('X1: a client may send more of one type only at the rate of the type', () => {
  const budget = new FrameBudget(TICK_RATE, 0)
  const handled = Array.from({ length: 60 }, () => budget.takeOfType('chat', TYPE_RATE, 0)).filter(Boolean)
  expect(handled).toHaveLength(TYPE_RATE.burst)
  expect(budget.takeOfType('gather', TYPE_RATE, 0)).toBe(true)
})

it.each([20, 60, 75, 120, 144])('M5: a client that sends an input per frame at %i Hz for ten minutes loses none', (hz) => {
  expect(refused(hz, 600)).toBe(0)
})

it('M5: the inputs of a stall of 5 s at 60 Hz are admitted, each time that there is a stall', () => {
  expect(refused(60, 60, 5_000)).toBe(0)
})

it('X1: a flood of inputs is refused', () => {
  expect(refused(1_000, 5)).toBeGreaterThan(3_000)
  expect(refused(100_000, 1, 1_000)).toBeGreaterThan(100_000 - INPUT_BURST - 200)
})
