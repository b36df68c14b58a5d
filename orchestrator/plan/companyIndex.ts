import type { CopyCensus } from '../../model/census.ts'
import type { GuildId, PartyId } from '../../model/ids.ts'

/** A party divided over two copies weighs as much as so many pairs of guild-mates. */
const PARTY_PAIRS = 1000

/**
 * Where the guilds and parties of a map are, made once a round and only where a copy is about to close. Each guild knows its copies:
 * the company of one copy in all others is one walk over its own guilds. Asking every copy for every guild instead was nine tenths
 * of a round in which many maps merge (bench planner).
 */
export class CompanyIndex {
  readonly #slots = new Map<CopyCensus, number>()
  /** Slot and members by turns. */
  readonly #guilds = new Map<GuildId, number[]>()
  readonly #parties = new Map<PartyId, number[]>()
  /** What was asked for once is asked for again: a copy is weighed anew for each that closes before it. */
  readonly #pairs = new Map<CopyCensus, Float64Array>()

  constructor(copies: readonly { census: CopyCensus }[]) {
    for (const { census } of copies) {
      const slot = this.#slots.size
      this.#slots.set(census, slot)
      for (const [guild, members] of census.guilds) {
        const known = this.#guilds.get(guild)
        if (known === undefined) this.#guilds.set(guild, [slot, members])
        else known.push(slot, members)
      }
      for (const party of census.parties.keys()) {
        const known = this.#parties.get(party)
        if (known === undefined) this.#parties.set(party, [slot])
        else known.push(slot)
      }
    }
  }

  /** Pairs of guild-mates that meeting in a copy would bring together, for each copy of the index. */
  between(census: CopyCensus): (to: CopyCensus) => number {
    let pairs = this.#pairs.get(census)
    if (pairs === undefined) {
      pairs = this.#count(census)
      this.#pairs.set(census, pairs)
    }
    const counted = pairs
    return (to) => counted[this.#slots.get(to) ?? -1] ?? 0
  }

  #count({ guilds, parties }: CopyCensus): Float64Array {
    const pairs = new Float64Array(this.#slots.size)
    const add = (slot: number, more: number): void => {
      pairs[slot] = (pairs[slot] ?? 0) + more
    }
    for (const [guild, own] of guilds) {
      const inside = this.#guilds.get(guild)
      if (inside !== undefined) for (let n = 0; n < inside.length; n += 2) add(inside[n] ?? 0, own * (inside[n + 1] ?? 0))
    }
    for (const party of parties.keys()) for (const slot of this.#parties.get(party) ?? []) add(slot, PARTY_PAIRS)
    return pairs
  }
}
