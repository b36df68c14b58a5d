import { age, type MapView } from './mapView.ts'

/** Nobody there, nobody expected, and the policy wants no copy at all (`min: 0`): the last one goes too, so that the fleet may sleep. */
export function closeLast(view: MapView): void {
  const { policy, now, actions, map, usable } = view
  const [last] = usable
  const { min, warm } = policy.copies
  if (last === undefined || usable.length > 1 || min > 0 || (warm !== 'auto' && 'copies' in warm && warm.copies > 0)) return
  if (view.players + view.waiting + view.opens + view.opening.length > 0 || view.forecast.players >= 1) return
  if (age(last, now) < policy.merge.minAgeMs) return
  const why = `${last.id} is empty, nobody is on the map or expected, and the policy wants none open (min 0)`
  actions.push({ type: 'close', map, copy: last.id, reason: 'empty', successors: [], deadline: now + policy.merge.deadlineMs, why })
  view.usable = []
}
