import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { StrataError } from '../model/errors.ts'

/** Refuses requests without `Authorization: Bearer TOKEN`; compared in constant time, so that its letters cannot be guessed one by one. */
export function bearerGuard(token: string): (request: FastifyRequest) => Promise<void> {
  const expected = digest(`Bearer ${token}`)
  return async (request) => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) throw new StrataError('OPERATOR_TOKEN')
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
