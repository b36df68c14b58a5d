import type { CopyCensus } from '../../../model/census.ts'
import type { GuildId, PartyId } from '../../../model/ids.ts'

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
  /** Pairs by slot for one copy at a time: a row for each of thousands of copies would be hundreds of megabytes. */
  readonly #pairs: Float64Array
  /** The slots that are not 0. */
  #touched: number[] = []
  /** What each closing would tear, and the slot where most of its people would find company: asked for again for each copy that closes before it. */
  readonly #torn = new Map<CopyCensus, { pairs: number; slot: number }>()
  readonly #gone = new Set<number>()

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
    this.#pairs = new Float64Array(this.#slots.size)
  }

  /** Nobody goes there any more. */
  remove(census: CopyCensus): void {
    const slot = this.#slots.get(census)
    if (slot !== undefined) this.#gone.add(slot)
  }

  /** Pairs of guild-mates that meeting in a copy would bring together, for each copy of the index; until the next one is asked for. */
  between(census: CopyCensus): (to: CopyCensus) => number {
    this.#count(census)
    return (to) => this.#pairs[this.#slots.get(to) ?? -1] ?? 0
  }

  /** Pairs of guild-mates inside, less those that meeting in the best of the other copies would bring together. */
  tornBy(census: CopyCensus): number {
    const known = this.#torn.get(census)
    if (known !== undefined && !this.#gone.has(known.slot)) return known.pairs
    this.#count(census)
    const own = this.#slots.get(census)
    let [best, most] = [-1, 0]
    for (const slot of this.#touched) {
      const pairs = this.#pairs[slot] ?? 0
      if (pairs > most && slot !== own && !this.#gone.has(slot)) [best, most] = [slot, pairs]
    }
    let inside = 0
    for (const members of census.guilds.values()) inside += (members * (members - 1)) / 2
    this.#torn.set(census, { pairs: inside - most, slot: best })
    return inside - most
  }

  #count({ guilds, parties }: CopyCensus): void {
    for (const slot of this.#touched) this.#pairs[slot] = 0
    this.#touched = []
    for (const [guild, own] of guilds) {
      const inside = this.#guilds.get(guild)
      if (inside !== undefined) for (let n = 0; n < inside.length; n += 2) this.#add(inside[n] ?? 0, own * (inside[n + 1] ?? 0))
    }
    for (const party of parties.keys()) for (const slot of this.#parties.get(party) ?? []) this.#add(slot, PARTY_PAIRS)
  }

  #add(slot: number, more: number): void {
    const before = this.#pairs[slot] ?? 0
    if (before === 0) this.#touched.push(slot)
    this.#pairs[slot] = before + more
  }
}
