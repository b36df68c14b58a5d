import { SCHEDULE_PATTERN } from '../../model/policy/cron.ts'

/** Message for a text that does not match a pattern, by the pattern as zod writes it. The API server would print only the regular expression. */
const hints: Readonly<Record<string, string>> = {
  '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$': 'use lower-case letters, digits and dashes, at most 63',
  '^[a-z][a-zA-Z0-9_-]{0,31}$': 'use a letter, then letters, digits, dashes and underscores, at most 32',
  '^\\d+(\\.\\d+)?(ms|s|m|h|d)$': 'write a duration such as "30s", "10m" or "6h"',
  '^\\d+(\\.\\d+)?%$': 'write a share such as "75%"',
  // zod writes `source`, in which slashes are escaped.
  [new RegExp(SCHEDULE_PATTERN).source]: 'write five cron fields: minute hour day month weekday, such as "0 */3 * * *" or "30 18 * * FRI"',
  '^[A-Za-z][A-Za-z0-9_+-]*(\\/[A-Za-z0-9_+-]+){0,2}$': 'write a time zone such as "Europe/Berlin" or "UTC"',
}

/** Message for a choice between a word, a number and a text, by the word. It names every form. */
export const choiceHints: Readonly<Record<string, string>> = {
  auto: 'write auto, a number of copies, or a share such as "20%"',
  last: 'write a number of players such as 200, the additional crowd such as "+150%", or "last"',
  never: 'write a duration such as "30s", "10m" or "6h", or never',
}

export interface CelRule {
  rule: string
  message: string
  /** A message as a CEL expression, so that it can contain values. The API server falls back to `message` when it cannot evaluate it. */
  messageExpression?: string
  fieldPath?: string
}

/** The text as a CEL string literal in single quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** CEL rule with a message for a pattern. Undefined for a pattern without a hint, which stays a `pattern` in the schema. */
export function patternRule(pattern: string): CelRule | undefined {
  const message = hints[pattern]
  return message === undefined ? undefined : { rule: `self.matches(${quoted(pattern)})`, message }
}
