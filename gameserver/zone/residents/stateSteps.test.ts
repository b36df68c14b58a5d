import { expect, it } from 'vitest'
import { stepForward } from './stateSteps.ts'

const steps = { 1: (state: unknown) => `${state} one`, 2: (state: unknown) => `${state} two` }

it('a state takes every step from the version it was saved with, and none twice', () => {
  expect(stepForward(steps, 'old', 1, 3)).toBe('old one two')
  expect(stepForward(steps, 'old', 2, 3)).toBe('old two')
  expect(stepForward(steps, 'new', 3, 3)).toBe('new')
})

it('a release that knows the next version steps back from it, and saves its own', () => {
  const back = { 4: (state: unknown) => `${state} less four` }
  expect(stepForward(steps, 'later', 4, 3, back)).toBe('later less four')
  expect(() => stepForward(steps, 'much later', 5, 3, back)).toThrow(/of version 5, this release knows 3/)
})

it('X1: a state of a later release, or one without a step, is refused and not guessed at', () => {
  expect(() => stepForward(steps, 'later', 4, 3)).toThrow(/of version 4, this release knows 3/)
  expect(() => stepForward(steps, 'ancient', 0, 3)).toThrow(/no step for states of version 0/)
})
