import type { GuildId } from '../../model/ids.ts'

/** One place in line: whose it is, and how many seats it needs. */
export interface Contender {
  id: string
  /** Undefined: those without a guild are one group of their own, so that each of them counts as much as a member of any. */
  guild: GuildId | undefined
  size: number
}

/**
 * In which order seats of a contested map go to those who wait: to each guild in proportion to how many of it are there or wait
 * (Albion's cluster queue, notes/megaservers.md §1.6: 400, 300, 200 and 100 people get 200, 150, 100 and 50 of 500 seats), and in order
 * of arrival within each. By highest quotients (D'Hondt), where a guild that divides itself never gains a seat by it.
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
      const sooner = best === undefined || quotient > best.quotient || (quotient === best.quotient && before(arrival, first, best.first))
      if (sooner) best = { group, first, quotient }
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
