import type { CopyId } from '../../model/ids.ts'
import type { MapView, OpenStanding, Standing } from './mapView.ts'
import { intoLimit, roomUnder } from './room.ts'

/** A guild torn over more than a few copies is no guild: so many successors are enough even for a big one. */
const MAX_SUCCESSORS = 5

/** Where the people of `from` should go: copies with room, where their company is, most of it first; and others until all fit. */
export function chooseSuccessors(view: MapView, from: Standing): CopyId[] {
  const limit = intoLimit(view.policy)
  const candidates = view.usable
    .filter((other) => other.id !== from.id && roomUnder(limit, other) > 0)
    .map((other) => ({ other, company: companyBetween(from, other) }))
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

/** Pairs of guild-mates that meeting in `to` would bring together; a party divided over both counts most. */
export function companyBetween(from: Standing, to: OpenStanding): number {
  let pairs = 0
  for (const [guild, members] of from.census.guilds) pairs += members * (to.census.guilds.get(guild) ?? 0)
  for (const party of from.census.parties.keys()) if (to.census.parties.has(party)) pairs += 1000
  return pairs
}

/** Pairs of guild-mates inside. */
export function companyWithin({ census }: Standing): number {
  let pairs = 0
  for (const members of census.guilds.values()) pairs += (members * (members - 1)) / 2
  return pairs
}
