import type { OrchestratorParts } from '../start.ts'

/** The parts of an orchestrator that differ between one machine and a cluster. */
export type Platform = AsyncDisposable &
  Pick<
    OrchestratorParts,
    'fleets' | 'policies' | 'policyTexts' | 'removedPolicies' | 'policyErrors' | 'election' | 'onDecision' | 'onPolicyHeld' | 'whileLeading' | 'autoscaler'
  >
