import type { PartyId } from '../../../model/ids.ts'
import { count, type MapView } from '../view/mapView.ts'

/** Opens an instance for each party in line that has none. An instance of theirs that is closing because it was empty opens again instead. */
export function openInstances(view: MapView, waiting: readonly PartyId[]): void {
  const { map, policy, actions } = view
  const inUse = view.onDraining.filter(({ players }) => players > 0)
  const served = new Set([...view.usable, ...view.opening, ...inUse].map(({ copy }) => copy.party))
  for (const party of waiting) {
    if (served.has(party)) continue
    served.add(party)
    const closing = view.closing.find(({ copy }) => copy.party === party && copy.reason === 'empty')
    if (closing !== undefined) {
      actions.push({ type: 'reopen', map, copy: closing.id, why: `its party came back while ${closing.id} was closing` })
      continue
    }
    const present = view.usable.length + view.opening.length + view.onDraining.length + view.closing.length + view.opens
    if (present >= policy.copies.max) return
    view.opens++
    actions.push({ type: 'open', map, party, why: `a party waits for its own instance; ${count(present, 'instance')} of at most ${policy.copies.max} (max)` })
  }
}
