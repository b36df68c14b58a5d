import { z } from 'zod'

/** `GET /v1/status` of the orchestrator: what `strata status` and the text view print. */
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
  servers: z.array(z.object({ id: z.string(), fleet: z.string(), state: z.string(), address: z.string(), copies: z.int(), rooms: z.int(), draining: z.boolean() })),
  maps: z.array(z.object({ map: z.string(), players: z.int(), waiting: z.int(), policyVersion: z.string(), policyError: z.string().optional() })),
  totals: z.object({ copiesOpened: z.int(), copiesMerged: z.int(), movesOrdered: z.int(), seatsOverHardCap: z.int(), partySplits: z.int() }),
})
export type StatusResponse = z.infer<typeof statusResponse>
export type CopyStatus = z.infer<typeof copyStatus>
