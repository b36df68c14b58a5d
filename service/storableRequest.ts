import type { FastifyRequest } from 'fastify'
import { StrataError } from '../model/errors.ts'

/** U+0000, which PostgreSQL cannot store, and halves of surrogate pairs, which have no bytes in UTF-8. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** Hook for `preValidation`: throws BAD_REQUEST for a text in path, query or body that no database can store. Without it such a text is an error of the statement. */
export async function refuseUnstorable({ params, query, body }: FastifyRequest): Promise<void> {
  for (const [where, value] of Object.entries({ params, query, body })) {
    if (!holdsStorable(value)) throw new StrataError('BAD_REQUEST', { problem: `${where}: a text contains the character U+0000 or half of a surrogate pair` })
  }
}

/** With a list of what is left to look at instead of recursion: a client chooses how deep its body is. */
function holdsStorable(value: unknown): boolean {
  const left = [value]
  for (let one = left.pop(); one !== undefined || left.length > 0; one = left.pop()) {
    if (typeof one === 'string' && !isStorable(one)) return false
    if (typeof one !== 'object' || one === null || Buffer.isBuffer(one)) continue
    if (!Array.isArray(one) && !Object.keys(one).every(isStorable)) return false
    for (const inside of Object.values(one)) left.push(inside)
  }
  return true
}
