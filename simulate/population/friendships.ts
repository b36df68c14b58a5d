/**
 * Who counts as whose friend while a recorded day runs. People make friends during the day: as in the running world, two are friends from the next login of one of them
 * on. A recording names those whom somebody had as friends during a visit, so two are friends when the visits of both name the other.
 */
export class Friendships {
  /** Whom the present or last visit of each names. */
  readonly #named = new Map<number, ReadonlySet<number>>()
  /** The friends of each that have come so far; the lists of the scorecard. */
  readonly #lists: number[][]

  constructor(lists: number[][]) {
    this.#lists = lists
  }

  /** A character that is not in the world begins a visit that names these friends. Returns everybody whose friends are others now. */
  arrives(avatar: number, friends: readonly number[]): number[] {
    const lists = this.#lists
    const before = lists[avatar] ?? []
    for (const friend of before) lists[friend] = (lists[friend] ?? []).filter((other) => other !== avatar)
    this.#named.set(avatar, new Set(friends))
    const mutual = friends.filter((friend) => this.#named.get(friend)?.has(avatar) === true)
    lists[avatar] = [...mutual]
    for (const friend of mutual) lists[friend]?.push(avatar)
    return [avatar, ...new Set([...before, ...mutual])]
  }
}
