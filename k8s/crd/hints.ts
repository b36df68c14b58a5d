/** What a designer reads instead of a regular expression that did not match, by the pattern as zod writes it. */
const hints: Readonly<Record<string, string>> = {
  '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$': 'use lower-case letters, digits and dashes, at most 63',
  '^[a-z][a-zA-Z0-9_-]{0,31}$': 'use a letter, then letters, digits, dashes and underscores, at most 32',
  '^\\d+(\\.\\d+)?(ms|s|m|h|d)$': 'write a duration such as "30s", "10m" or "6h"',
  '^\\d+(\\.\\d+)?%$': 'write a share such as "75%"',
  '^\\+\\d+%$': 'write the additional crowd such as "+150%"',
}

export interface CelRule {
  rule: string
  message: string
  /** CEL too: a message with the values in it. `message` is shown where it cannot be worked out. */
  messageExpression?: string
  fieldPath?: string
}

/** A text of CEL in single quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** Undefined for a pattern without a hint: it stays a pattern. */
export function patternRule(pattern: string): CelRule | undefined {
  const message = hints[pattern]
  return message === undefined ? undefined : { rule: `self.matches(${quoted(pattern)})`, message }
}
