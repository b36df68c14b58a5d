import type { FastifyRequest } from 'fastify'
import type { RequestKey } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { idempotencyKey } from '../../../model/wire/economy.ts'
import { bearerGuard } from '../../../service/bearer.ts'
import type { Economy } from '../../../store/economy/economy.ts'
import { type GuardOptions, sessionIn } from '../../access/guard.ts'
import type { Parts } from '../../parts.ts'

/** What the routes of items and money work with. */
export interface EconomyRoutes {
  parts: Parts
  economy: Economy
  guard: GuardOptions
}

/** Who asks, under the key of the header. Throws BAD_REQUEST without one: a repeated request must be known as such. */
export function keyOf(request: FastifyRequest, actor: string = sessionIn(request).character): RequestKey {
  const key = idempotencyKey.safeParse(request.headers['idempotency-key'])
  if (!key.success)
    throw new StrataError('BAD_REQUEST', { problem: 'header idempotency-key: a new one for each request, the same to repeat it (1 to 64 letters and digits)' })
  return { actor, key: key.data }
}

/** Throws CHARACTER_UNKNOWN. */
export async function characterNamed({ store }: Parts, idOrName: string): Promise<CharacterId> {
  const found = await store.findCharacter(idOrName)
  if (found === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character: idOrName })
  return found.character
}

/** Other people's affairs and refunds are for operators; in development, where anybody may be anybody, for all. */
export function operatorGuard({ operatorToken, sessions }: GuardOptions): (request: FastifyRequest) => Promise<void> {
  if (operatorToken !== undefined) return bearerGuard(operatorToken)
  return async () => {
    if (!sessions.development) throw new StrataError('OPERATOR_TOKEN')
  }
}
