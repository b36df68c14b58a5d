import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkNumbers, unexplainedNumbers } from './numbers.ts'

it('finds numbers in code and in constants without a comment, and lets counts, conversions and explained constants pass', () => {
  const text = `const HOUR_MS = 3_600_000
/** Most copies that one round reads. */
const COPIES_PER_ROUND = 1_000
/** Minutes until a retry. */
const RETRY = 7
const share = 0.34
function f(n: number) { return (2 * n + 5) / 1_000 }
`
  expect(unexplainedNumbers('a.ts', text).map((problem) => problem.split(':', 2).join(':').split(' ').join(' '))).toEqual(['a.ts:6 0.34', 'a.ts:7 5'])
})

it('every number of placement and planning is explained, and every constant is used', async () => {
  expect(await checkNumbers(join(import.meta.dirname, '..'))).toBe('')
})
