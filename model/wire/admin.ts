import { z } from 'zod'
import { decisionRecord } from './decision.ts'

/** `GET /v1/status` of the orchestrator. `strata status` and the text view of `npm start` print it. */
export const copyStatus = z.object({
  map: z.string(),
  copy: z.string(),
  state: z.enum(['opening', 'open', 'closing', 'lost']),
  server: z.string(),
  players: z.int(),
  held: z.int(),
  soft: z.int(),
  hard: z.int(),
  ageMs: z.number(),
})
export const statusResponse = z.object({
  leader: z.boolean(),
  at: z.number(),
  copies: z.array(copyStatus),
  servers: z.array(
    z.object({ id: z.string(), fleet: z.string(), state: z.string(), address: z.string(), copies: z.int(), rooms: z.int(), draining: z.boolean() }),
  ),
  maps: z.array(z.object({ map: z.string(), players: z.int(), waiting: z.int(), policyVersion: z.string(), policyError: z.string().optional() })),
  totals: z.object({ copiesOpened: z.int(), copiesMerged: z.int(), movesOrdered: z.int(), seatsOverHardCap: z.int(), partySplits: z.int() }),
})
export type StatusResponse = z.infer<typeof statusResponse>
export type CopyStatus = z.infer<typeof copyStatus>

/** Requests of operators. They need the operator token. */
const reason = z.string().trim().min(1).max(500).describe('Why; the audit log stores it.')
export const drainRequest = z.strictObject({ server: z.string().min(1).max(128), reason: reason.exactOptional() })
export const drainResponse = z.object({ server: z.string(), draining: z.literal(true) })
export const closeRequest = z.strictObject({ copy: z.string().min(1).max(128), reason: reason.exactOptional() })
export const closeResponse = z.object({ copy: z.string(), map: z.string(), state: z.enum(['closing', 'removed']) })

/** `POST /v1/reopen`: a copy that an operator closed is open again. */
export const reopenRequest = z.strictObject({ copy: z.string().min(1).max(128), reason })
export const reopenResponse = z.object({ copy: z.string(), map: z.string() })

/** Longest hold: a week, in minutes. What has to last longer belongs into the policy. */
const MAX_HOLD_MINUTES = 7 * 24 * 60
/** `POST /v1/holds`: for a time no copy of the map is merged, or, with `copy`, the plan does not close this copy. */
export const holdRequest = z.strictObject({
  map: z.string().min(1).max(63),
  copy: z.string().min(1).max(128).exactOptional(),
  minutes: z.int().min(1).max(MAX_HOLD_MINUTES),
  reason,
})
export const liftHoldRequest = z.strictObject({ reason })
export const hold = z.object({ id: z.string(), map: z.string(), copy: z.string().exactOptional(), until: z.number(), actor: z.string(), reason: z.string() })

/** `GET /v1/decisions?map=…` of the orchestrator, newest first. Decisions about scaling a fleet have the map `fleet:NAME`. */
export const decisionsQuery = z.object({ map: z.string().min(1).max(128), limit: z.coerce.number().int().min(1).max(1000).default(100) })
export const decisionsResponse = z.object({ decisions: z.array(decisionRecord) })
