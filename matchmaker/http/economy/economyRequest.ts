import type { FastifyRequest } from 'fastify'
import type { RequestKey } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import { idempotencyKey } from '../../../model/wire/economy.ts'
import type { Economy } from '../../../store/economy/economy.ts'
import { type GuardOptions, sessionIn } from '../../access/guard.ts'
import type { Parts } from '../../parts.ts'

/** Dependencies of the economy routes. */
export interface EconomyRoutes {
  parts: Parts
  economy: Economy
  guard: GuardOptions
}

/** The acting character with the idempotency key of the header, by which a repeated request is recognised. Throws BAD_REQUEST without the header. */
export function keyOf(request: FastifyRequest, actor: string = sessionIn(request).character): RequestKey {
  const key = idempotencyKey.safeParse(request.headers['idempotency-key'])
  if (!key.success)
    throw new StrataError('BAD_REQUEST', {
      problem: 'header idempotency-key: send a new key (1 to 64 letters and digits) with each request, and the same key to repeat it',
    })
  return { actor, key: key.data }
}
