import { expect, it } from 'vitest'
import { figuresSection, type Measurement } from './figures.ts'

const measured: Measurement = {
  title: 'Gaps',
  about: 'Short.',
  command: 'npm run bench',
  date: '2026-11-22',
  machine: '2 cores',
  figures: { gapMs: { meaning: 'the gap', aim: '≤ 50' } },
  runs: [
    { name: 'one', report: { gapMs: 4 } },
    { name: 'three', report: { gapMs: [3, 5] } },
  ],
}

it('writes a row for each figure, with a range where several runs were measured', () => {
  expect(figuresSection(measured)).toContain('| `gapMs` | the gap | 4 | 3 to 5 | ≤ 50 |')
})

it('refuses a figure without a meaning', () => {
  expect(() => figuresSection({ ...measured, figures: {} })).toThrow('gapMs')
})
