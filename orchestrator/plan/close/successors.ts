import type { CopyId } from '../../../model/ids.ts'
import { freeSeats, mergeLimit } from '../view/capacity.ts'
import { CompanyIndex } from '../view/companyIndex.ts'
import type { CopyView, MapView, OpenCopyView } from '../view/mapView.ts'

/** Most successors of a closing copy. A guild spread over more copies than this gains nothing from being moved together. */
const MAX_SUCCESSORS = 5

interface Candidate {
  other: OpenCopyView
  company: number
}

/** Where the players of `from` should go: copies with free seats, those with most of their company first, and more copies until all players fit. */
export function chooseSuccessors(view: MapView, from: CopyView): CopyId[] {
  const limit = mergeLimit(view.policy)
  const companyIn = companyOf(view).pairsWith(from.census)
  const best: Candidate[] = []
  for (const other of view.usable) {
    if (other.id === from.id || freeSeats(limit, other) <= 0 || !view.canMove(from.copy, other.copy)) continue
    insertByRank(best, { other, company: companyIn(other.census) })
  }
  const chosen: CopyId[] = []
  let seats = 0
  for (const { other, company } of best) {
    if (company === 0 && chosen.length > 0 && seats >= from.players) break
    chosen.push(other.id)
    seats += freeSeats(limit, other)
  }
  return chosen
}

/** Inserts the candidate into the sorted best `MAX_SUCCESSORS`. Sorting thousands of candidates for five took most of the time of a closing. */
function insertByRank(best: Candidate[], candidate: Candidate): void {
  let at = best.length
  for (let before = best[at - 1]; before !== undefined && compare(candidate, before) < 0; before = best[at - 1]) at--
  if (at === MAX_SUCCESSORS) return
  best.splice(at, 0, candidate)
  if (best.length > MAX_SUCCESSORS) best.pop()
}

function compare(a: Candidate, b: Candidate): number {
  return b.company - a.company || b.other.players - a.other.players || (a.other.id < b.other.id ? -1 : 1)
}

/** The index of guilds and parties over the usable copies, built on first use. */
export function companyOf(view: MapView): CompanyIndex {
  view.company ??= new CompanyIndex(view.usable)
  return view.company
}
