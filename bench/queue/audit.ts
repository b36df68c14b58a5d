import type { DirectoryEvent } from '../../directory/directory.ts'
import type { Instant } from '../../model/clock.ts'
import type { CharacterId, CopyId } from '../../model/ids.ts'

/** In ms. A place in line counts for the order only this long after its answer, because events and answers arrive over different connections. */
const SETTLED_MS = 1_000

interface Place {
  character: CharacterId
  /** Number of characters that wait in this place. */
  size: number
  arrived: Instant
  /** When the answer with the place arrived. */
  known: Instant
  /** Infinity while the character waits. */
  left: Instant
}

/** Judges a storm by the directory's events, which have one order for all matchmakers. */
export class Audit {
  readonly #places = new Map<CharacterId, Place>()
  readonly #promotions: { character: CharacterId; at: Instant }[] = []
  readonly #seats = new Map<CopyId, Set<CharacterId>>()
  readonly #waiting = new Set<CharacterId>()
  readonly #seatedAt = new Map<CharacterId, Instant>()
  readonly #cap: number
  fullest = 0
  overCap = 0

  constructor(cap: number) {
    this.#cap = cap
  }

  /** Records the place of one character, or of a party by its leader; the line ticket contains the time of arrival. */
  joined(character: CharacterId, size: number, ticket: string, known: Instant): void {
    if (this.#places.has(character)) return
    const { entry } = JSON.parse(Buffer.from(ticket.split('.')[1] ?? '', 'base64url').toString()) as { entry: { arrived: Instant } }
    this.#places.set(character, { character, size, arrived: entry.arrived, known, left: Number.POSITIVE_INFINITY })
    // The event of the promotion may arrive before the answer with the place.
    const seated = this.#seatedAt.get(character)
    if (seated === undefined) this.#waiting.add(character)
    else this.#promotions.push({ character, at: seated })
  }

  /** Records that the character leaves the line. Returns false when it has been promoted already. */
  left(character: CharacterId, at: Instant): boolean {
    const place = this.#places.get(character)
    if (place !== undefined) place.left = at
    return this.#waiting.delete(character)
  }

  record(event: DirectoryEvent, at: Instant): void {
    if (event.type !== 'seats') return
    const seats = this.#seats.get(event.copy) ?? new Set()
    this.#seats.set(event.copy, seats)
    for (const { character, state } of event.set) {
      seats.add(character)
      if (state !== 'held') continue
      this.#seatedAt.set(character, at)
      if (this.#waiting.delete(character)) this.#promotions.push({ character, at })
    }
    for (const character of event.freed) seats.delete(character)
    this.fullest = Math.max(this.fullest, seats.size)
    if (seats.size > this.#cap) this.overCap++
  }

  get promotions(): number {
    return this.#promotions.length
  }

  /** Promotions that passed over a single character who had arrived earlier (rule Q1). A party that gathers its seats is passed on purpose. */
  orderViolations(): number {
    const order = [...this.#places.values()].sort((a, b) => a.arrived - b.arrived || (a.character < b.character ? -1 : 1))
    const gone = new Set<CharacterId>()
    let [violations, first] = [0, 0]
    for (const { character, at } of this.#promotions) {
      // Nobody returns to the line, so the search for its head continues where the last one ended.
      for (let head = order[first]; head !== undefined && (gone.has(head.character) || head.left <= at); head = order[first]) first++
      for (let n = first; n < order.length; n++) {
        const place = order[n]
        if (place === undefined || place.character === character) break
        if (place.size > 1 || gone.has(place.character) || place.known + SETTLED_MS > at || place.left <= at) continue
        violations++
        break
      }
      gone.add(character)
    }
    return violations
  }
}
