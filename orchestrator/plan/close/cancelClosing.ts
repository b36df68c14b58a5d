import { reopenedCopy } from '../../../model/copy.ts'
import { openAndOpening, wantedCopies } from '../view/capacity.ts'
import { type ClosingCopyView, count, type MapView } from '../view/mapView.ts'

/**
 * Rule C1: reopens a closing copy that has filled above `merge.cancelAbove`, or that is needed again; reopening is quicker than opening a new copy.
 * Operators of other megaservers saw maps close with full groups in them, because players kept arriving after the closing had begun. Only merges and
 * closings of empty copies are cancelled: a drain or an operator's order stays.
 */
export function cancelClosing(view: MapView): void {
  const { policy, map, actions, waiting, forecast } = view
  const limit = policy.merge.cancelAbove * policy.capacity.soft
  const cancellable = view.closing.filter(({ copy }) => copy.reason === 'merge' || copy.reason === 'empty').sort((a, b) => b.players - a.players)
  for (const closing of cancellable) {
    const wanted = wantedCopies(view, openAndOpening(view))
    const needed = openAndOpening(view) < wanted
    if (closing.players <= limit && !needed) continue
    const why = needed
      ? `${closing.id} is needed again: ${count(view.players, 'player')} and ${waiting} waiting (${Math.round(forecast.players)} expected) need ${wanted} copies, and ${openAndOpening(view)} are open or opening`
      : `${closing.id} filled to ${closing.players} while closing, above ${Math.floor(limit)} (cancelAbove)`
    actions.push({ type: 'reopen', map, copy: closing.id, why })
    reopen(view, closing)
  }
}

/** Shows the copy as open to the rules that follow. */
function reopen(view: MapView, closing: ClosingCopyView): void {
  view.closing = view.closing.filter((other) => other !== closing)
  view.usable.push({ ...closing, copy: reopenedCopy(closing.copy, view.now) })
}
