import { expect, it } from 'vitest'
import { migrateState } from './migrateState.ts'

const steps = { 1: (state: unknown) => `${state} one`, 2: (state: unknown) => `${state} two` }

it('applies every step after the saved version, each once', () => {
  expect(migrateState('old', { steps, from: 1, to: 3 })).toBe('old one two')
  expect(migrateState('old', { steps, from: 2, to: 3 })).toBe('old two')
  expect(migrateState('new', { steps, from: 3, to: 3 })).toBe('new')
})

it('converts a state of the next version back when this release has a step for it', () => {
  const back = { 4: (state: unknown) => `${state} less four` }
  expect(migrateState('later', { steps, back, from: 4, to: 3 })).toBe('later less four')
  expect(() => migrateState('much later', { steps, back, from: 5, to: 3 })).toThrow(/of version 5, but this release knows 3/)
})

it('X1: refuses a state for which there is no step', () => {
  expect(() => migrateState('later', { steps, from: 4, to: 3 })).toThrow(/of version 4, but this release knows 3/)
  expect(() => migrateState('ancient', { steps, from: 0, to: 3 })).toThrow(/no step for states of version 0/)
})
