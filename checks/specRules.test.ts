import { expect, it } from 'vitest'
import { compareSpec, readClaims, readRules } from './specRules.ts'

const rules = readRules('# Rules\n- **S1** One.\n- **S3** Three.\n## Not yet\n- **M1** Money.\n')
const compare = (text: string): string[] => compareSpec(rules, new Map([['a.test.ts', text]]))
// Put together here, or the check would take them for claims of this file.
const titled = (...title: [rules: string, rest: string]): string => `it(${JSON.stringify(title.join(': '))}, () => {})\n`

it('is content when each rule has a test', () => {
  expect(compare(titled('S1', 'one') + titled('S3, S1', 'both'))).toEqual([])
})

it('names a rule without a test, and a test that is only a comment is none', () => {
  expect(compare(`${titled('S1', 'one')}// ${titled('S3', 'no')}`)).toEqual([expect.stringContaining('no test names S3')])
})

it('names a test of an unknown rule, and one that claims what does not hold yet', () => {
  const problems = compare(titled('S1', 'one') + titled('S3', 'three') + titled('Z9', 'what') + titled('M1', 'money'))
  expect(problems).toEqual([expect.stringContaining('names Z9'), expect.stringContaining('claims M1')])
})

it('finds titles behind each(…) and over a line break, and refuses skipped tests', () => {
  expect(readClaims('a', `it.each([1])(\n  ${JSON.stringify('S1 S3: x')})`)).toMatchObject([{ rules: ['S1', 'S3'], title: 'x' }])
  expect(compare(titled('S1', 'one') + titled('S3', 'three').replace('it(', ['it', 'skip('].join('.')))).toEqual([expect.stringContaining('skipped')])
})
