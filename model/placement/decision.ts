import type { Instant } from '../clock.ts'
import type { CharacterId, CopyId, MapName } from '../ids.ts'

export type DecisionKind = 'place' | 'refuse' | 'wait' | 'move' | 'open' | 'close' | 'reopen' | 'scale' | 'lost'

/** A copy that was considered: why it was filtered out, or every term of its score. */
export interface CandidateRecord {
  copy: CopyId
  /** Why the copy was not eligible: a `Filter` of score/eligibility.ts, such as `full`, `closing` or `protocol`. */
  filtered?: string
  /** Sort keys that come before the score, in order (party, stays open, friends, members who come back). `terms` are the parts of the score, each with its weight applied. */
  tiers?: number[]
  terms?: Record<string, number>
  score?: number
  population: number
  limit: number
}

/** A stored record of one placement, refusal, move, open, close or scale (rule P2). */
export interface Decision {
  id: string
  at: Instant
  kind: DecisionKind
  map: MapName
  copy?: CopyId
  characters: CharacterId[]
  /** Why, in one sentence, as `strata explain` prints it. */
  reason: string
  policyVersion: string
  candidates: CandidateRecord[]
  /** Other inputs that explain the decision: populations, forecasts, causes. */
  inputs: Record<string, unknown>
}
