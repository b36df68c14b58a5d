import type { Instant } from '../clock.ts'
import type { CharacterId, CopyId, MapName } from '../ids.ts'

export type DecisionKind = 'place' | 'refuse' | 'wait' | 'move' | 'open' | 'close' | 'reopen' | 'scale' | 'lost'

/** A copy that was looked at, and why it was not taken, or every term of its score. */
export interface CandidateRecord {
  copy: CopyId
  /** Why it was out of the question, in the scorer's words: `full`, `closing`, `protocol`, `other party` (`Filter` in matchmaker/score/eligibility.ts). */
  filtered?: string
  /** Sort keys in order (party, friends), then the weighted rest, each term with its weight applied. */
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
  /** One sentence for a person. */
  reason: string
  policyVersion: string
  candidates: CandidateRecord[]
  /** Whatever else explains it: populations, forecasts, causes. */
  inputs: Record<string, unknown>
}
