import { expect, it } from 'vitest'
import { LoadLevels } from './loadLevel.ts'

const STEP_MS = 50

/** Feeds steps that are late by `lateMs` on average for these seconds: a late one, then one at once. Returns the levels that were passed. */
function run(levels: LoadLevels, from: number, seconds: number, lateMs: number): { now: number; passed: number[] } {
  const passed: number[] = []
  let now = from
  for (const end = from + seconds * 1000; now < end; ) {
    // Two steps: the second follows at once, so that the mean lateness is half that of the first.
    now += STEP_MS + 2 * lateMs
    levels.step(now)
    now += Math.max(0, STEP_MS - 2 * lateMs)
    levels.step(now)
    if (passed.at(-1) !== levels.level) passed.push(levels.level)
  }
  return { now, passed }
}

it('L1: a room with steps on time, or with a single stall, stays at level 0', () => {
  const levels = new LoadLevels(20)
  const { now, passed } = run(levels, 0, 60, 1)
  expect(passed).toEqual([0])
  for (const at of [150, 150, 150, 200, 250]) levels.step(now + at)
  expect(levels.level).toBe(0)
})

it('L1: the levels are climbed one by one, each after the measure of the one before had time to act', () => {
  const levels = new LoadLevels(20)
  const { now, passed } = run(levels, 0, 30, 40)
  expect(passed).toEqual([0, 1, 2, 3, 4])
  expect(run(levels, now, 60, 0).passed).toEqual([4, 3, 2, 1, 0])
})

it.each([
  [9, 1],
  [13, 2],
  [21, 3],
])('L1: steps that are %d ms late lead to level %d and no further', (lateMs, level) => {
  const levels = new LoadLevels(20)
  run(levels, 0, 60, lateMs)
  expect(levels.level).toBe(level)
})

it('L1: between the two limits of a level it does not change, so that its own measure does not end it', () => {
  const levels = new LoadLevels(20)
  const { now } = run(levels, 0, 20, 13)
  expect(run(levels, now, 60, 6).passed).toEqual([2])
  // Waves with quiet seconds between them are no recovery.
  let at = now + 60_000
  for (let wave = 0; wave < 10; wave++) {
    at = run(levels, at, 2, 0).now
    at = run(levels, at, 2, 13).now
  }
  expect(levels.level).toBe(2)
})
