import { z } from 'zod'
import { StrataError } from '../../../model/errors.ts'

const keys = z.array(z.string().max(512)).min(1).max(2)

/** Text of `next`: the key of the last row of a full page. A page that is not full is the last one. */
export function nextOf<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => readonly string[]): { rows: Row[]; next?: string } {
  const last = rows.at(-1)
  if (last === undefined || rows.length < limit) return { rows: [...rows] }
  return { rows: [...rows], next: Buffer.from(JSON.stringify(keyOf(last))).toString('base64url') }
}

/** The key in `after`. Throws BAD_REQUEST. */
export function keyIn(after: string | undefined, size: number): string[] | undefined {
  if (after === undefined) return undefined
  try {
    const key = keys.parse(JSON.parse(Buffer.from(after, 'base64url').toString()))
    if (key.length === size) return key
  } catch {
    // Falls through to the refusal.
  }
  throw new StrataError('BAD_REQUEST', { problem: 'after: send the "next" of the previous page' })
}
