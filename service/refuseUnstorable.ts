import { StrataError } from '../model/errors.ts'

/**
 * Throws BAD_REQUEST when a text anywhere in these values, or the name of a field, has a NUL or half of a surrogate pair: PostgreSQL stores neither, so any
 * statement with such a text would fail.
 */
export function refuseUnstorable(...values: readonly unknown[]): void {
  // A list in place of recursion: a body may nest as deeply as it is long.
  const waiting = [...values]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value === 'string') {
      if (value.includes('\0') || !value.isWellFormed())
        throw new StrataError('BAD_REQUEST', { problem: 'a text has a NUL character or half of a surrogate pair' })
    } else if (Array.isArray(value)) for (const item of value) waiting.push(item)
    else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
      for (const [name, field] of Object.entries(value)) waiting.push(name, field)
  }
}
