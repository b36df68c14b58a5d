/** Characters that are valid JSON but that jsonb of PostgreSQL refuses: U+0000 and unpaired surrogates. */
const refusedEscapes = /\\u(0000|d[89a-f])/i

/**
 * JSON for a jsonb column. Replaces refused characters, because one of them in the state of one character would fail the save of all characters in
 * the same statement.
 */
export function toJsonb(value: unknown): string {
  const text = JSON.stringify(value ?? null)
  if (!refusedEscapes.test(text)) return text
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'string') return cleanText(inner)
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).map(([key, entry]) => [cleanText(key), entry]))
  })
}

/** Replaces the characters that a text column of PostgreSQL refuses. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
