import type { Policies } from '../../model/policy/policy.ts'
import { policy } from '../../orchestrator/reconcile/testing/world.ts'

/** Length of a played world, in seconds, and of the time before it that is not compared. */
export const SECONDS = 1_800
export const WARM_UP_SECONDS = 300

/** Durations as in the demo's policies, so that merges and moves happen within minutes. */
const spec = {
  copies: { min: 1, warm: 0 },
  open: { above: '75%', patience: '0s', leadTime: '3s' },
  merge: { below: '60%', into: '90%', minAge: '30s', cancelAbove: '75%', patience: '0s', deadline: '30s' },
  moves: { perMinute: 600, perPlayerEvery: '1m' },
}

/** Two maps with copies of this size. */
export function playedPolicies(hard = 20): Policies {
  return new Map(['forest', 'hills'].map((map) => [map, policy(map, { ...spec, capacity: { soft: hard - 2, hard, company: 3 } })]))
}

/** A crowd that comes and goes, so that copies open and merge: the share of the players that is online. */
export const crowd = (second: number): number => 0.35 + 0.3 * Math.sin((second / SECONDS) * 3 * Math.PI)
