import type { CopyCensus } from '../model/census.ts'
import type { PlacementRequest } from '../model/placement/placement.ts'
import type { Random } from '../model/random.ts'
import { guildMatesOf } from '../score/company.ts'
import type { Filter } from '../score/eligibility.ts'
import { rank } from '../score/rank.ts'
import type { Ranker } from '../score/seating/seatsFor.ts'

export const placerNames = ['strata', 'greedy', 'fullest', 'random'] as const
export type PlacerName = (typeof placerNames)[number]

/** The production scorer (`strata`), or one of the simple baselines that it is compared with. */
export function placerOf(name: PlacerName, random: Random): Ranker {
  switch (name) {
    case 'strata':
      return rank
    case 'greedy':
      return baseline((request, copy) => request.members.reduce((sum, member) => sum + guildMatesOf(member, copy), 0) * 1000 + copy.seats.size, true)
    case 'fullest':
      return baseline((_, copy) => copy.seats.size, false)
    case 'random':
      return baseline(() => random(), false)
  }
}

/** A baseline placer. It keeps parties together and respects the caps as the production scorer does, and ranks the open copies by `score` alone. */
function baseline(score: (request: PlacementRequest, copy: CopyCensus) => number, guildsAboveSoft: boolean): Ranker {
  return (request, map, { policy: { capacity } }) => {
    const { party, members } = request
    const open = [...map.copies.values()].filter(({ copy }) => copy.state === 'open' || copy.state === 'closing')
    const partyCopies = party === undefined ? [] : open.filter(({ parties }) => (parties.get(party) ?? 0) > 0)
    const options = (partyCopies.length > 0 ? partyCopies : open.filter(({ copy }) => copy.state === 'open'))
      .map((copy) => ({ copy, score: score(request, copy) }))
      .sort((a, b) => b.score - a.score || (a.copy.copy.id < b.copy.copy.id ? -1 : 1))
      .map(({ copy }) => {
        const mates = guildsAboveSoft && members.some((member) => guildMatesOf(member, copy) > 0)
        return { copy: copy.copy.id, limit: partyCopies.length > 0 || mates ? capacity.hard : capacity.soft, evenClosing: partyCopies.length > 0 }
      })
    // A party that waits for its own copy does not block the line behind it.
    const filtered: Filter = 'party elsewhere'
    const others = partyCopies.length === 0 ? [] : open.filter((copy) => !partyCopies.includes(copy))
    const candidates = others.map(({ copy, seats }) => ({ copy: copy.id, filtered, population: seats.size, limit: capacity.hard }))
    return { options, candidates }
  }
}
