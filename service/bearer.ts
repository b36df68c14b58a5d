import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { StrataError } from '../model/errors.ts'

/**
 * Hook that refuses requests without `Authorization: Bearer TOKEN`. The comparison takes constant time, so that its duration reveals nothing about the token.
 */
export function bearerGuard(token: string): (request: FastifyRequest) => Promise<void> {
  const expected = digest(`Bearer ${token}`)
  return async (request) => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) throw new StrataError('OPERATOR_TOKEN')
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
