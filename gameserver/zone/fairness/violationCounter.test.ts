import { expect, it } from 'vitest'
import { defaultFairness, type FairnessPolicy, loseTrust, TRUST_HALF_LIFE_MS, trustAt, violationKinds } from '../../../model/fairness.ts'
import { ViolationCounter } from './violationCounter.ts'

const policy: FairnessPolicy = { ...defaultFairness, kinds: { ...defaultFairness.kinds, speed: { correct: 2, warn: 3, flag: 0, kick: 5 } } }
const add = (counter: ViolationCounter, now: number): string => [...counter.add('speed', policy, now)].join(' ')

it('F4: each action is taken from its number on; a warning and a flag come once', () => {
  const counter = new ViolationCounter()
  expect(Array.from({ length: 6 }, (_, n) => add(counter, n))).toEqual(['', 'correct', 'correct warn', 'correct', 'correct kick', 'correct kick'])
})

it('F4: only the violations within the window count, and each kind by itself', () => {
  const counter = new ViolationCounter()
  for (let n = 0; n < 4; n++) add(counter, n)
  expect(counter.add('teleport', policy, 10)).toEqual(new Set(['correct']))
  expect(add(counter, policy.windowMs + 10)).toBe('')
})

it('the trust score falls with each violation, comes back by half every two hours, and stays between 0 and 100', () => {
  expect(trustAt(undefined, 0)).toBe(100)
  const once = loseTrust(undefined, 'teleport', 0)
  expect([trustAt(once, 0), trustAt(once, TRUST_HALF_LIFE_MS)]).toEqual([90, 95])
  let lost = once
  for (const kind of violationKinds) for (let n = 0; n < 100; n++) lost = loseTrust(lost, kind, 0)
  expect(trustAt(lost, 0)).toBe(0)
})
