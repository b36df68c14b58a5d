import { createHmac } from 'node:crypto'
import type { Instant } from '../../model/clock.ts'
import type { CharacterId, CopyId, ServerId } from '../../model/ids.ts'

/** What a permit allows: one claim of this character, by this server for this copy, until this instant. */
export interface PermitFor {
  character: CharacterId
  copy: CopyId
  server: ServerId
  until: Instant
}

/**
 * Signs a permit with the newest key of the table `permit_keys`. The database checks it at the claim (`store/migrations/0052_guarded_claims.ts`). Each part is
 * preceded by its length in bytes, so that no two permits sign the same text.
 */
export function signPermit(key: Uint8Array, { character, copy, server, until }: PermitFor): string {
  const message = [character, copy, server, String(until)].map((part) => `${Buffer.byteLength(part)}:${part}`).join('')
  return `${until}.${createHmac('sha256', key).update(message).digest('hex')}`
}
