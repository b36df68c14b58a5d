import { age, type MapView } from './mapView.ts'

/** Private copies are opened by whoever enters them. The planner only closes what has been empty, for as long as a merge would wait. */
export function closeInstances(view: MapView): void {
  const { map, policy, now, actions } = view
  for (const standing of [...view.usable, ...view.onDraining]) {
    if (standing.players > 0 || age(standing, now) < policy.merge.minAgeMs) continue
    actions.push({ type: 'close', map, copy: standing.id, reason: 'empty', successors: [], deadline: now, why: `${standing.id} is empty` })
  }
}
