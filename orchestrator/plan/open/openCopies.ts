import { openAndOpening, wantedCopies } from '../view/capacity.ts'
import { count, type MapView } from '../view/mapView.ts'

/** Opens copies before players reach the soft cap: for those present, those in line, and those expected by the time the copy is open. */
export function openCopies(view: MapView): void {
  const { policy, map, actions, waiting, forecast } = view
  const before = openAndOpening(view)
  const wanted = wantedCopies(view, before)
  if (wanted <= before) return
  const { soft } = policy.capacity
  const why =
    view.players + waiting === 0
      ? `${count(before, 'copy')} of at least ${policy.copies.min} (min)`
      : `${count(view.players, 'player')}, ${waiting} waiting, ${Math.round(forecast.players)} expected in ${policy.open.leadTimeMs / 1000} s: ` +
        `above ${Math.round(policy.open.above * 100)} % of the ${before * soft} soft seats in ${count(before, 'copy')}; ${wanted} are wanted`
  for (let opened = before; opened < wanted; opened++) actions.push({ type: 'open', map, why })
  view.opens += wanted - before
}
