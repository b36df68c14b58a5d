import { reopenedCopy } from '../../../model/copy.ts'
import type { ClosingStanding, MapView, OpenStanding } from '../view/mapView.ts'
import { count } from '../view/mapView.ts'
import { standingCopies, wantedCopies } from '../view/room.ts'

/**
 * Rule C1: a copy that fills again while it closes opens again ("the map was closing while guilds came in, and closed full
 * during the boss": notes/megaservers.md §1.1). Only merges are called off: a drain and an operator's word stand.
 * A closing copy is also the quickest new copy there is, when one is needed.
 */
export function cancelClosing(view: MapView): void {
  const { policy, map, actions, waiting, forecast } = view
  const limit = policy.merge.cancelAbove * policy.capacity.soft
  const revocable = view.closing.filter(({ copy }) => copy.reason === 'merge' || copy.reason === 'empty').sort((a, b) => b.players - a.players)
  for (const standing of revocable) {
    const wanted = wantedCopies(view, standingCopies(view))
    const needed = standingCopies(view) < wanted
    if (standing.players <= limit && !needed) continue
    const why = needed
      ? `${count(view.players, 'player')} and ${waiting} waiting (${Math.round(forecast.players)} expected) need ${wanted} copies, and ${standingCopies(view)} stay; ${standing.id} closes no more`
      : `${standing.id} filled to ${standing.players} while closing, above ${Math.floor(limit)} (cancelAbove); it closes no more`
    actions.push({ type: 'reopen', map, copy: standing.id, why })
    reopen(view, standing)
  }
}

/** For the rules that follow it is open again. */
function reopen(view: MapView, standing: ClosingStanding): void {
  const open: OpenStanding = { ...standing, copy: reopenedCopy(standing.copy, view.now) }
  view.closing = view.closing.filter((other) => other !== standing)
  view.usable.push(open)
}
