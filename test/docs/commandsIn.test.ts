import { expect, it } from 'vitest'
import { commandsIn } from './commandsIn.ts'

it('reads the commands of a page by heading, without comments and with continued lines joined', () => {
  const page = [
    '# T',
    '## 1. One',
    '```sh',
    'a --flag \\',
    '  --more      # why',
    '# alone',
    "b 'x # y'",
    '```',
    '```',
    'output',
    '```',
    '## 2. Two',
    '```sh',
    'c &',
    '```',
  ].join('\n')
  expect(commandsIn(page)).toEqual([
    { heading: '1. One', text: 'a --flag   --more' },
    { heading: '1. One', text: "b 'x # y'" },
    { heading: '2. Two', text: 'c &' },
  ])
})
