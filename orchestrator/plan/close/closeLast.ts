import { rarelyVisited } from '../forecast/visits.ts'
import { age, type MapView } from '../view/mapView.ts'

/**
 * Nobody there, nobody expected, and the policy asks for no copy (`min: 0`): the last one goes too, and the map sleeps until somebody
 * comes. With `warm: auto` only a map that people hardly ever visit does: where the next one is minutes away, nobody is to wait for a start.
 */
export function closeLast(view: MapView): void {
  const { policy, now, actions, map, usable, visits } = view
  const [last] = usable
  const { min, warm } = policy.copies
  if (last === undefined || usable.length > 1 || min > 0 || (warm === 'auto' ? !rarelyVisited(visits, now) : 'copies' in warm && warm.copies > 0)) return
  if (view.players + view.waiting + view.opens + view.opening.length > 0 || view.forecast.players >= 1) return
  if (age(last, now) < policy.merge.minAgeMs) return
  const why = `${last.id} is empty, nobody is expected${warm === 'auto' ? ', hardly anybody visits the map' : ''}, and the policy wants none open (min 0)`
  actions.push({ type: 'close', map, copy: last.id, reason: 'empty', successors: [], deadline: now + policy.merge.deadlineMs, why })
  view.usable = []
}
