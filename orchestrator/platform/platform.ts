import type { OrchestratorParts } from '../start.ts'

/** What differs between one machine and a cluster. */
export type Platform = AsyncDisposable &
  Pick<OrchestratorParts, 'fleets' | 'policies' | 'policyErrors' | 'election' | 'onDecision' | 'whileLeading' | 'autoscaler'>
