import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { StrataError } from '../../model/errors.ts'

/** Hook that refuses requests without `Authorization: Bearer TOKEN`. */
export function bearerGuard(token: string): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (!isBearer(token, request.headers.authorization)) throw new StrataError('OPERATOR_TOKEN')
  }
}

/** Whether an `Authorization` header holds this token. The comparison takes constant time, so that its duration reveals nothing about the token. */
export function isBearer(token: string, authorization: string | undefined): boolean {
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
