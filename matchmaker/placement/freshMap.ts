import type { MapSnapshot } from '../../directory/directory.ts'
import type { CopyCensus, MapCensus } from '../../model/census.ts'
import type { Seat } from '../../model/seat.ts'

interface Growing extends CopyCensus {
  seats: Map<string, Seat>
  parties: Map<string, number>
  guilds: Map<string, number>
  languages: Map<string, number>
}

/** The census of one map straight from the directory, for the rare decision that cannot wait until the replica has caught up. */
export function freshMap({ map, copies, seats, waiting }: MapSnapshot): MapCensus {
  const grown = new Map<string, Growing>(
    copies.map((copy) => [copy.id, { copy, seats: new Map(), parties: new Map(), guilds: new Map(), languages: new Map() }]),
  )
  for (const { copy, seat } of seats) {
    const census = grown.get(copy)
    if (census === undefined) continue
    census.seats.set(seat.character, seat)
    count(census.languages, seat.language)
    if (seat.party !== undefined) count(census.parties, seat.party)
    if (seat.guild !== undefined) count(census.guilds, seat.guild)
  }
  return { map, copies: grown, waiting }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
