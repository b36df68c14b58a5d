import type { z } from 'zod'

/** Message for a zod issue that has none of its own; it tells the author of a YAML file what to write. Pass it to `safeParse` as `error`. */
export function plainProblem(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `write ${article(issue.expected)}, not ${shown(issue.input)}`
    case 'invalid_value':
      return `write ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}, not ${shown(issue.input)}`
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `write ${issue.inclusive === true ? '' : 'more than '}${issue.minimum}${issue.inclusive === true ? ' or more' : ''}`
        : undefined
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `write ${issue.inclusive === true ? '' : 'less than '}${issue.maximum}${issue.inclusive === true ? ' or less' : ''}`
        : undefined
    default:
      return undefined
  }
}

const articles: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'fields such as { name: value }',
  record: 'fields such as { name: value }',
  array: 'a list such as [a, b]',
}

function article(expected: string): string {
  return articles[expected] ?? expected
}

function shown(input: unknown): string {
  const text = JSON.stringify(input) ?? 'nothing'
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`
}
