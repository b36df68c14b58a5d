import type { GuildId } from '../../model/ids.ts'

/** One place in line: its guild and the number of seats it needs. */
export interface Contender {
  id: string
  /** Undefined for players without a guild. They form one group, in which each counts as much as a member of a guild. */
  guild: GuildId | undefined
  size: number
}

/**
 * The order in which seats of a contested map go to the line: to each guild in proportion to its members on the map and in line, and in order of
 * arrival within a guild. This is the rule of Albion Online's cluster queue: 400, 300, 200 and 100 players get 200, 150, 100 and 50 of 500 seats.
 * Seats go by highest quotient (D'Hondt), so a guild that splits itself gains none.
 */
export function inFairOrder(line: readonly Contender[], inside: ReadonlyMap<GuildId | undefined, number>): Contender[] {
  const groups = new Map<GuildId | undefined, { waiting: Contender[]; claim: number; seats: number; next: number }>()
  line.forEach((contender) => {
    const { guild, size } = contender
    const seats = inside.get(guild) ?? 0
    const group = groups.get(guild) ?? { waiting: [], claim: seats, seats, next: 0 }
    group.waiting.push(contender)
    group.claim += size
    groups.set(guild, group)
  })
  const arrival = new Map(line.map(({ id }, index) => [id, index]))
  const order: Contender[] = []
  while (order.length < line.length) {
    let best: { group: { waiting: Contender[]; claim: number; seats: number; next: number }; first: Contender; quotient: number } | undefined
    for (const group of groups.values()) {
      const first = group.waiting[group.next]
      if (first === undefined) continue
      const quotient = group.claim / (group.seats + first.size)
      const better = best === undefined || quotient > best.quotient || (quotient === best.quotient && before(arrival, first, best.first))
      if (better) best = { group, first, quotient }
    }
    if (best === undefined) break
    best.group.next++
    best.group.seats += best.first.size
    order.push(best.first)
  }
  return order
}

function before(arrival: ReadonlyMap<string, number>, a: Contender, b: Contender): boolean {
  return (arrival.get(a.id) ?? 0) < (arrival.get(b.id) ?? 0)
}
