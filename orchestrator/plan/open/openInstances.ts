import { type InstanceOwner, ownerId } from '../../../model/policy/instanceKey.ts'
import { count, type MapView } from '../view/mapView.ts'

/**
 * Opens an instance for each party, or key of the game, that waits in line and has none. An instance of theirs that is closing because it was empty opens again
 * instead.
 */
export function openInstances(view: MapView, waiting: readonly InstanceOwner[]): void {
  const { map, policy, actions } = view
  const inUse = view.onDraining.filter(({ players }) => players > 0)
  const served = new Set([...view.usable, ...view.opening, ...inUse].map(({ copy }) => ownerId(copy)))
  for (const owner of waiting) {
    const id = ownerId(owner)
    if (id === undefined || served.has(id)) continue
    served.add(id)
    const closing = view.closing.find(({ copy }) => ownerId(copy) === id && copy.reason === 'empty')
    if (closing !== undefined) {
      const whose = owner.instanceKey === undefined ? 'its party' : 'somebody with its key'
      actions.push({ type: 'reopen', map, copy: closing.id, why: `${whose} came back while ${closing.id} was closing` })
      continue
    }
    const present = view.usable.length + view.opening.length + view.onDraining.length + view.closing.length + view.opens
    if (present >= policy.copies.max) return
    view.opens++
    const who = owner.instanceKey === undefined ? 'a party waits for its own instance' : `somebody waits for the instance with the key "${owner.instanceKey}"`
    actions.push({ type: 'open', map, ...owner, why: `${who}; ${count(present, 'instance')} of at most ${policy.copies.max} (max)` })
  }
}
