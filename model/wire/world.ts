import { z } from 'zod'

/** Most rows in one answer. */
const MAX_ROWS = 10_000
const id = z.string().min(1).max(128)
const reason = z.string().trim().min(1).max(500).describe('Why; the decision stores it.')

/** `GET /v1/players` of the orchestrator: who has a seat, and where. Each filter narrows the list; `name` is a name or an id. */
export const playersQuery = z.object({
  map: id.optional(),
  copy: id.optional(),
  server: id.optional(),
  name: z.string().min(1).max(128).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_ROWS).default(MAX_ROWS),
})
export const seatedPlayer = z.object({
  character: z.string(),
  name: z.string(),
  map: z.string(),
  copy: z.string(),
  server: z.string(),
  seat: z.enum(['held', 'taken']),
  /** When the seat was taken, in ms since 1970; absent for a held seat. */
  since: z.number().exactOptional(),
  language: z.string(),
  guild: z.string().exactOptional(),
  party: z.string().exactOptional(),
})
/** Ordered by map, copy and name. `total` counts also the rows above the limit. */
export const playersResponse = z.object({ at: z.number(), total: z.int(), players: z.array(seatedPlayer) })

/** `GET /v1/line` of the orchestrator: the first places in line of each map, in the order in which they get seats. */
export const lineQuery = z.object({ map: id.optional(), limit: z.coerce.number().int().min(1).max(1_000).default(100) })
export const linePlace = z.object({
  map: z.string(),
  /** 1 for the first place. */
  position: z.int(),
  /** Index of the priority class in the policy, 0 first. */
  rank: z.int(),
  arrived: z.number(),
  characters: z.array(z.object({ character: z.string(), name: z.string() })),
  party: z.string().exactOptional(),
})
export const lineListResponse = z.object({ at: z.number(), places: z.array(linePlace) })

/** `GET /v1/policies` of the orchestrator: the policies in force, with all defaults filled in. */
export const policiesResponse = z.object({ policies: z.array(z.looseObject({ map: z.string(), version: z.string() })) })

/** `POST /v1/open`: one more copy of a map now. The plan merges it again when it is not needed. */
export const openRequest = z.strictObject({ map: id, reason })
export const openResponse = z.object({ copy: z.string(), map: z.string(), server: z.string() })

/** `POST /v1/move`: moves a player with its party to another open copy of its map. Busy players are waited for until the deadline; then the move fails. */
export const moveRequest = z.strictObject({ character: id.describe('Id, or name.'), copy: id, reason })
export const moveResponse = z.object({ from: z.string(), to: z.string(), characters: z.array(z.string()), deadline: z.number() })

export type SeatedPlayer = z.infer<typeof seatedPlayer>
export type LinePlace = z.infer<typeof linePlace>
export type PlayersQuery = z.infer<typeof playersQuery>
