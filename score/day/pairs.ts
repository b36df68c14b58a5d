/** Pairs of related characters: `all` counts those on the same map, `same` those in the same copy. */
export interface PairCounts {
  same: number
  all: number
}

/** Counts pairs of guild-mates or party members from head counts: n members in one place are n (n − 1) / 2 pairs. */
export class GroupPairs implements PairCounts {
  same = 0
  all = 0
  readonly #onMap = new Map<number, number>()
  readonly #inCopy = new Map<number, number>()

  enter(group: number, map: number, copy: number): void {
    this.all += adjust(this.#onMap, key(group, map), 1)
    this.same += adjust(this.#inCopy, key(group, copy), 1)
  }
  leave(group: number, map: number, copy: number): void {
    this.all -= adjust(this.#onMap, key(group, map), -1)
    this.same -= adjust(this.#inCopy, key(group, copy), -1)
  }
}

/** One number for a group and a place, for up to 2^20 copies or maps. */
function key(group: number, place: number): number {
  return group * 2 ** 20 + place
}

/** Changes a count by one and returns the number of other members there, which is the number of pairs gained or lost. */
function adjust(counts: Map<number, number>, at: number, by: 1 | -1): number {
  const before = counts.get(at) ?? 0
  const after = before + by
  if (after === 0) counts.delete(at)
  else counts.set(at, after)
  return Math.min(before, after)
}

/** Counts pairs of friends from the short list of each character. */
export class LinkedPairs implements PairCounts {
  same = 0
  all = 0
  readonly #links: readonly (readonly number[])[]
  readonly #map: readonly number[]
  readonly #copy: readonly number[]

  /** `map` and `copy` hold each character's place (-1 for none). The owner of the arrays updates them after it calls `change`. */
  constructor(links: readonly (readonly number[])[], map: readonly number[], copy: readonly number[]) {
    this.#links = links
    this.#map = map
    this.#copy = copy
  }

  change(character: number, map: number, copy: number, by: 1 | -1): void {
    for (const other of this.#links[character] ?? []) {
      if (this.#map[other] !== map) continue
      this.all += by
      if (this.#copy[other] === copy) this.same += by
    }
  }
}
