import type { CopyId } from '../../../model/ids.ts'
import { CompanyIndex } from '../view/companyIndex.ts'
import type { MapView, OpenStanding, Standing } from '../view/mapView.ts'
import { intoLimit, roomUnder } from '../view/room.ts'

/** A guild torn over more than a few copies is no guild: so many successors are enough even for a big one. */
const MAX_SUCCESSORS = 5

interface Candidate {
  other: OpenStanding
  company: number
}

/** Where the people of `from` should go: copies with room, where their company is, most of it first; and others until all fit. */
export function chooseSuccessors(view: MapView, from: Standing): CopyId[] {
  const limit = intoLimit(view.policy)
  const companyIn = companyOf(view).between(from.census)
  const best: Candidate[] = []
  for (const other of view.usable) {
    if (other.id === from.id || roomUnder(limit, other) <= 0 || !view.canGo(from.copy, other.copy)) continue
    keepBest(best, { other, company: companyIn(other.census) })
  }
  const chosen: CopyId[] = []
  let room = 0
  for (const { other, company } of best) {
    if (company === 0 && chosen.length > 0 && room >= from.players) break
    chosen.push(other.id)
    room += roomUnder(limit, other)
  }
  return chosen
}

/** Puts it in its place among the best, of which there are as many as may be chosen: sorting thousands for five was most of a closing. */
function keepBest(best: Candidate[], candidate: Candidate): void {
  let at = best.length
  for (let before = best[at - 1]; before !== undefined && compare(candidate, before) < 0; before = best[at - 1]) at--
  if (at === MAX_SUCCESSORS) return
  best.splice(at, 0, candidate)
  if (best.length > MAX_SUCCESSORS) best.pop()
}

function compare(a: Candidate, b: Candidate): number {
  return b.company - a.company || b.other.players - a.other.players || (a.other.id < b.other.id ? -1 : 1)
}

/** Whose company is where among the copies that take people in; a party divided over two counts most. */
export function companyOf(view: MapView): CompanyIndex {
  view.company ??= new CompanyIndex(view.usable)
  return view.company
}
