import type { StrataError } from '../../model/errors.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { Parts } from '../parts.ts'
import { recordDecision } from './decisions.ts'

/** Records the refusal as a decision (rule P2) and returns the error for the caller to throw. */
export function refuse(
  parts: Parts,
  request: PlacementRequest,
  policy: MapPolicy,
  { error, candidates = [] }: { error: StrataError; candidates?: Ranking['candidates'] },
): StrataError {
  recordDecision(parts, request, policy, { kind: 'refuse', candidates, reason: error.message, inputs: { code: error.code } })
  parts.metrics.placements.inc({ result: 'refused' })
  return error
}
