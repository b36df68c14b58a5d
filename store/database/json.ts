/** What PostgreSQL's jsonb refuses although it is JSON: the character 0, and halves of surrogate pairs. */
const refused = /\\u(0000|d[89a-f])/i

/**
 * JSON for a jsonb column. Such characters are replaced, because one of them in the state of one character would else
 * fail the save of everybody in the same statement.
 */
export function toJsonb(value: unknown): string {
  const text = JSON.stringify(value ?? null)
  if (!refused.test(text)) return text
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'string') return cleanText(inner)
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).map(([key, entry]) => [cleanText(key), entry]))
  })
}

/** Text that PostgreSQL takes, whatever a player calls themselves. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
