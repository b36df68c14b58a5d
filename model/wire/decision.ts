import { z } from 'zod'

const candidate = z.object({
  copy: z.string(),
  filtered: z.string().exactOptional(),
  tiers: z.array(z.number()).exactOptional(),
  terms: z.record(z.string(), z.number()).exactOptional(),
  score: z.number().exactOptional(),
  population: z.int(),
  limit: z.int(),
})

/** One stored decision (`Decision` in model/placement/decision.ts), as the APIs return it. */
export const decisionRecord = z.object({
  id: z.string(),
  at: z.number(),
  kind: z.enum(['place', 'refuse', 'wait', 'move', 'open', 'close', 'reopen', 'scale', 'lost']),
  map: z.string(),
  copy: z.string().exactOptional(),
  characters: z.array(z.string()),
  reason: z.string(),
  policyVersion: z.string(),
  candidates: z.array(candidate),
  inputs: z.record(z.string(), z.unknown()),
})
