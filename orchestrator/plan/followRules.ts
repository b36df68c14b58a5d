import { defined } from '../../model/defined.ts'
import { sameFairness } from '../../model/fairness.ts'
import type { MapView } from './view/mapView.ts'

/** Gives the copies the fair-play rules of the policy that is in force now. Their servers read no policies. */
export function followRules({ usable, closing, map, policy, actions }: MapView): void {
  const { fairness, version } = policy
  for (const { id, copy } of [...usable, ...closing]) {
    if (!sameFairness(copy.fairness, fairness))
      actions.push({ type: 'rules', map, copy: id, ...defined({ fairness }), why: `policy ${version} has other rules of fair play` })
  }
}
