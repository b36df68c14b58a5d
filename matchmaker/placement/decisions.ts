import { defined } from '../../model/defined.ts'
import type { CopyId } from '../../model/ids.ts'
import type { CandidateRecord, DecisionKind } from '../../model/placement/decision.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { Parts } from '../parts.ts'

/**
 * Most candidates stored per decision. The best ones and the first filtered ones explain a choice; a map with hundreds of copies would fill the disk.
 */
const STORED_CANDIDATES = 24

interface Outcome {
  kind: DecisionKind & ('place' | 'wait' | 'refuse' | 'move')
  reason: string
  copy?: CopyId
  candidates?: readonly CandidateRecord[]
  inputs?: Record<string, unknown>
}

/** Records why these characters were placed, put in line, refused or moved (rule P2). Does not wait for the database. */
export function recordDecision(
  parts: Parts,
  request: PlacementRequest,
  policy: MapPolicy,
  { kind, candidates = [], copy, reason, inputs = {} }: Outcome,
): void {
  const decision = defined({
    id: parts.newId(),
    at: parts.clock.now(),
    kind,
    map: request.map,
    copy,
    characters: request.members.map(({ holder }) => holder.character),
    reason,
    policyVersion: policy.version,
    candidates: candidates.slice(0, STORED_CANDIDATES),
    inputs: {
      ...defined({
        protocol: request.protocol,
        party: request.party,
        instanceKey: request.instanceKey,
        onlyCopy: request.copy,
        candidatesTotal: candidates.length > STORED_CANDIDATES ? candidates.length : undefined,
      }),
      ...inputs,
    },
  })
  parts.record(decision)
}

/** Describes a candidate's score for people: `friends 0.75, guild 2.1, occupancy 0.4`. */
export function clauseOf(candidate: CandidateRecord | undefined): string {
  if (candidate === undefined) return 'the copy was ranked on a newer census'
  const [party = 0, , friends = 0, back = 0] = candidate.tiers ?? []
  const parts = [
    ...(party > 0 ? [`${party} of the party inside`] : []),
    ...(back > 0 ? ['left this copy a short time ago'] : []),
    ...(friends > 0 ? [`friends ${friends.toFixed(2)}`] : []),
    ...Object.entries(candidate.terms ?? {}).map(([name, value]) => `${name} ${value.toFixed(2)}`),
  ]
  return parts.length === 0 ? 'no signal has a weight' : parts.join(', ')
}
