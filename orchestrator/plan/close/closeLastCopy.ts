import { rarelyVisited } from '../forecast/visits.ts'
import { age, type MapView } from '../view/mapView.ts'

/**
 * Closes the last copy of a map with `min: 0` when it is empty and no player is expected; the next player in line opens one again. With `warm: auto`
 * this happens only on a map that is rarely visited: elsewhere the next player is minutes away and should not wait for an opening.
 */
export function closeLastCopy(view: MapView): void {
  const { policy, now, actions, map, usable, visits } = view
  const [last] = usable
  const { min, warm } = policy.copies
  if (
    last === undefined ||
    usable.length > 1 ||
    min > 0 ||
    (warm === 'auto' ? !rarelyVisited(visits, now, view.constants) : 'copies' in warm && warm.copies > 0)
  )
    return
  if (view.players + view.waiting + view.opens + view.opening.length > 0 || view.forecast.players >= 1) return
  if (age(last, now) < policy.merge.minAgeMs || view.pinned.has(last.id)) return
  const why = `${last.id} is empty, no player is expected${warm === 'auto' ? ', the map is rarely visited' : ''}, and the policy wants no copy (min 0)`
  actions.push({ type: 'close', map, copy: last.id, reason: 'empty', successors: [], deadline: now + policy.merge.deadlineMs, why })
  view.usable = []
}
