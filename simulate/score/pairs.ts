/** Pairs of one kind of people: on the same map, and of those in the same copy. */
export interface PairCounts {
  same: number
  all: number
}

/** Pairs of guild-mates, by counting heads: n of a guild in one place are n (n − 1) / 2 pairs. */
export class GroupPairs implements PairCounts {
  same = 0
  all = 0
  readonly #onMap = new Map<number, number>()
  readonly #inCopy = new Map<number, number>()

  enter(group: number, map: number, copy: number): void {
    this.all += bump(this.#onMap, key(group, map), 1)
    this.same += bump(this.#inCopy, key(group, copy), 1)
  }
  leave(group: number, map: number, copy: number): void {
    this.all -= bump(this.#onMap, key(group, map), -1)
    this.same -= bump(this.#inCopy, key(group, copy), -1)
  }
}

/** Room for 2^20 copies and maps. */
function key(group: number, place: number): number {
  return group * 2 ** 20 + place
}

/** Changes a count by one; returns how many others there are: the pairs that come or go. */
function bump(counts: Map<number, number>, at: number, by: 1 | -1): number {
  const before = counts.get(at) ?? 0
  const after = before + by
  if (after === 0) counts.delete(at)
  else counts.set(at, after)
  return Math.min(before, after)
}

/** Pairs of friends or party members: each person has a short list. */
export class LinkedPairs implements PairCounts {
  same = 0
  all = 0
  readonly #links: readonly (readonly number[])[]
  readonly #map: Int32Array
  readonly #copy: Int32Array

  /** `map` and `copy` say where everybody is, -1 for nowhere; whoever owns them changes them after `enter` and `leave`. */
  constructor(links: readonly (readonly number[])[], map: Int32Array, copy: Int32Array) {
    this.#links = links
    this.#map = map
    this.#copy = copy
  }

  change(person: number, map: number, copy: number, by: 1 | -1): void {
    for (const other of this.#links[person] ?? []) {
      if (this.#map[other] !== map) continue
      this.all += by
      if (this.#copy[other] === copy) this.same += by
    }
  }
}
