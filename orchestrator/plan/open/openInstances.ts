import type { PartyId } from '../../../model/ids.ts'
import { count, type MapView } from '../view/mapView.ts'

/** A copy for each party that waits for one: theirs may be on its way, or be closing because nobody was in it. */
export function openInstances(view: MapView, waiting: readonly PartyId[]): void {
  const { map, policy, actions } = view
  const inUse = view.onDraining.filter(({ players }) => players > 0)
  const present = new Set([...view.usable, ...view.opening, ...inUse].map(({ copy }) => copy.party))
  for (const party of waiting) {
    if (present.has(party)) continue
    present.add(party)
    const closing = view.closing.find(({ copy }) => copy.party === party && copy.reason === 'empty')
    if (closing !== undefined) {
      actions.push({ type: 'reopen', map, copy: closing.id, why: `its party came back while ${closing.id} was closing` })
      continue
    }
    const standing = view.usable.length + view.opening.length + view.onDraining.length + view.closing.length + view.opens
    if (standing >= policy.copies.max) return
    view.opens++
    actions.push({ type: 'open', map, party, why: `a party waits for its own; ${count(standing, 'instance')} of at most ${policy.copies.max} (max)` })
  }
}
