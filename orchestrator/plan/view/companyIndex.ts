import type { CopyCensus } from '../../../model/census.ts'
import type { GuildId, PartyId } from '../../../model/ids.ts'
import { CONSTANTS } from '../../../score/constants.ts'

/**
 * Which copies hold which guilds and parties. Built at most once per map and round, and only when a copy is about to close. Each guild lists its
 * copies, so that the company of one copy in all others costs one pass over its own guilds. Looking up every guild in every copy took 90 % of a round in
 * which many maps merge (`bench/planner`).
 */
export class CompanyIndex {
  /** Index of each copy in `#pairs`. */
  readonly #slots = new Map<CopyCensus, number>()
  /** Per guild: slot and number of members, alternating. */
  readonly #guilds = new Map<GuildId, number[]>()
  readonly #parties = new Map<PartyId, number[]>()
  /** Pairs by slot, for one copy at a time. A full matrix over thousands of copies would take hundreds of megabytes. */
  readonly #pairs: Float64Array
  /** The slots of `#pairs` that are not 0. */
  #touched: number[] = []
  /** Cached results of `separatedBy`, with the slot of the best successor. Each is asked for again whenever another copy closes. */
  readonly #separated = new Map<CopyCensus, { pairs: number; slot: number }>()
  readonly #removed = new Set<number>()

  readonly #partyPairs: number

  /** `partyPairs`: pairs of guild-mates that a split party counts as. */
  constructor(copies: readonly { census: CopyCensus }[], partyPairs = CONSTANTS.partyPairs) {
    this.#partyPairs = partyPairs
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
    this.#pairs = new Float64Array(this.#slots.size)
  }

  /** The copy is closing: it is no successor any more. */
  remove(census: CopyCensus): void {
    const slot = this.#slots.get(census)
    if (slot !== undefined) this.#removed.add(slot)
  }

  /** Returns a function that gives the pairs of guild-mates between this copy and another one. It is valid until the next call of a method. */
  pairsWith(census: CopyCensus): (to: CopyCensus) => number {
    this.#countPairs(census)
    return (to) => this.#pairs[this.#slots.get(to) ?? -1] ?? 0
  }

  /** Pairs of guild-mates inside the copy, less the pairs that its players would form in the best successor. */
  separatedBy(census: CopyCensus): number {
    const known = this.#separated.get(census)
    if (known !== undefined && !this.#removed.has(known.slot)) return known.pairs
    this.#countPairs(census)
    const own = this.#slots.get(census)
    let [best, most] = [-1, 0]
    for (const slot of this.#touched) {
      const pairs = this.#pairs[slot] ?? 0
      if (pairs > most && slot !== own && !this.#removed.has(slot)) [best, most] = [slot, pairs]
    }
    let inside = 0
    for (const members of census.guilds.values()) inside += (members * (members - 1)) / 2
    this.#separated.set(census, { pairs: inside - most, slot: best })
    return inside - most
  }

  #countPairs({ guilds, parties }: CopyCensus): void {
    for (const slot of this.#touched) this.#pairs[slot] = 0
    this.#touched = []
    for (const [guild, own] of guilds) {
      const inside = this.#guilds.get(guild)
      if (inside !== undefined) for (let n = 0; n < inside.length; n += 2) this.#add(inside[n] ?? 0, own * (inside[n + 1] ?? 0))
    }
    for (const party of parties.keys()) for (const slot of this.#parties.get(party) ?? []) this.#add(slot, this.#partyPairs)
  }

  #add(slot: number, more: number): void {
    const before = this.#pairs[slot] ?? 0
    if (before === 0) this.#touched.push(slot)
    this.#pairs[slot] = before + more
  }
}
