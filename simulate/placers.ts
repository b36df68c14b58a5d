import { guildMatesOf } from '../matchmaker/score/company.ts'
import { rank } from '../matchmaker/score/rank.ts'
import type { Census, CopyCensus, MapCensus } from '../model/census.ts'
import type { Instant } from '../model/clock.ts'
import type { PlacementRequest } from '../model/placement/placement.ts'
import type { MapPolicy } from '../model/policy/policy.ts'
import type { Random } from '../model/random.ts'
import type { SeatOption } from '../model/seat.ts'

/** Where these people may go, best first; `waitsForParty`: their party's copy is full, and nobody behind them has to wait for it. */
export type Placer = (
  request: PlacementRequest,
  map: MapCensus,
  policy: MapPolicy,
  servers: Census['servers'],
  now: Instant,
) => { options: SeatOption[]; waitsForParty: boolean }

export const placerNames = ['strata', 'greedy', 'fullest', 'random'] as const
export type PlacerName = (typeof placerNames)[number]

/** The production scorer, or one of the peers that it is measured against. */
export function placerOf(name: PlacerName, random: Random): Placer {
  switch (name) {
    case 'strata':
      return (request, map, policy, servers, now) => {
        const { options, candidates } = rank(request, map, { policy, servers, now })
        return { options, waitsForParty: candidates.some(({ filtered }) => filtered === 'party elsewhere') }
      }
    case 'greedy':
      return peer((request, copy) => request.members.reduce((sum, member) => sum + guildMatesOf(member, copy), 0) * 1000 + copy.seats.size, true)
    case 'fullest':
      return peer((_, copy) => copy.seats.size, false)
    case 'random':
      return peer(() => random(), false)
  }
}

/** Like every matchmaker a peer keeps the party together and to the caps; it differs in what it likes. */
function peer(score: (request: PlacementRequest, copy: CopyCensus) => number, guildsAboveSoft: boolean): Placer {
  return (request, map, { capacity }) => {
    const { party, members } = request
    const open = [...map.copies.values()].filter(({ copy }) => copy.state === 'open' || copy.state === 'closing')
    const theirs = party === undefined ? [] : open.filter(({ parties }) => (parties.get(party) ?? 0) > 0)
    const options = (theirs.length > 0 ? theirs : open.filter(({ copy }) => copy.state === 'open'))
      .map((copy) => ({ copy, score: score(request, copy) }))
      .sort((a, b) => b.score - a.score || (a.copy.copy.id < b.copy.copy.id ? -1 : 1))
      .map(({ copy }) => {
        const mates = guildsAboveSoft && members.some((member) => guildMatesOf(member, copy) > 0)
        return { copy: copy.copy.id, limit: theirs.length > 0 || mates ? capacity.hard : capacity.soft, evenClosing: theirs.length > 0 }
      })
    return { options, waitsForParty: theirs.length > 0 }
  }
}
