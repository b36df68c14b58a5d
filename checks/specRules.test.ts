import { expect, it } from 'vitest'
import { compareSpec, readClaims, readRules } from './specRules.ts'

const rules = readRules('# Rules\n- **S1** One.\n- **S3** Three.\n## Not yet\n- **M1** Money.\n')
const compare = (text: string): string[] => compareSpec(rules, new Map([['a.test.ts', text]]))
// Composed at run time; otherwise the check would read them as titles of this file.
const titled = (...title: [rules: string, rest: string]): string => `it(${JSON.stringify(title.join(': '))}, () => {})\n`

it('returns no problem when each rule has a test', () => {
  expect(compare(titled('S1', 'one') + titled('S3, S1', 'both'))).toEqual([])
})

it('reports a rule without a test; a commented-out test does not count', () => {
  expect(compare(`${titled('S1', 'one')}// ${titled('S3', 'no')}`)).toEqual([expect.stringContaining('no test names S3')])
})

it('reports a test of an unknown rule, and a test of a rule under "Not yet"', () => {
  const problems = compare(titled('S1', 'one') + titled('S3', 'three') + titled('Z9', 'what') + titled('M1', 'money'))
  expect(problems).toEqual([expect.stringContaining('names Z9'), expect.stringContaining('names M1')])
})

it('finds titles after each(…) and after a line break, and reports skipped tests', () => {
  expect(readClaims('a', `it.each([1])(\n  ${JSON.stringify('S1 S3: x')})`)).toMatchObject([{ rules: ['S1', 'S3'], title: 'x' }])
  expect(compare(titled('S1', 'one') + titled('S3', 'three').replace('it(', ['it', 'skip('].join('.')))).toEqual([expect.stringContaining('marked skip')])
})
