import type { CopyId } from '../../model/ids.ts'
import { CompanyIndex } from './companyIndex.ts'
import type { MapView, OpenStanding, Standing } from './mapView.ts'
import { intoLimit, roomUnder } from './room.ts'

/** A guild torn over more than a few copies is no guild: so many successors are enough even for a big one. */
const MAX_SUCCESSORS = 5

/** Where the people of `from` should go: copies with room, where their company is, most of it first; and others until all fit. */
export function chooseSuccessors(view: MapView, from: Standing): CopyId[] {
  const limit = intoLimit(view.policy)
  const companyIn = companyOf(view, from)
  const candidates = view.usable
    .filter((other) => other.id !== from.id && roomUnder(limit, other) > 0 && view.canGo(from.copy, other.copy))
    .map((other) => ({ other, company: companyIn(other) }))
    .sort((a, b) => b.company - a.company || b.other.players - a.other.players || (a.other.id < b.other.id ? -1 : 1))
  const chosen: CopyId[] = []
  let room = 0
  for (const { other, company } of candidates) {
    if (company === 0 && chosen.length > 0 && room >= from.players) break
    if (chosen.length === MAX_SUCCESSORS) break
    chosen.push(other.id)
    room += roomUnder(limit, other)
  }
  return chosen
}

/** Pairs of guild-mates that meeting in one of the usable copies would bring together; a party divided over both counts most. */
export function companyOf(view: MapView, from: Standing): (to: OpenStanding) => number {
  view.company ??= new CompanyIndex(view.usable)
  const companyIn = view.company.between(from.census)
  return (to) => companyIn(to.census)
}

/** Pairs of guild-mates inside. */
export function companyWithin({ census }: Standing): number {
  let pairs = 0
  for (const members of census.guilds.values()) pairs += (members * (members - 1)) / 2
  return pairs
}
