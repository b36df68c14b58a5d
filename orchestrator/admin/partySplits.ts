import type { Census, MapCensus } from '../../model/census.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { CharacterId, CopyId } from '../../model/ids.ts'

/** Longer than any move takes to settle: during one, the same party has seats in two copies. */
const GRACE_MS: DurationMs = 15_000

interface Watched {
  /** When everybody was last seen in one copy, or the party was first seen. */
  together: Instant
  counted: boolean
}

export interface PartySplitsOptions {
  graceMs?: DurationMs
  /** Where parties are made before their members come in, those who never sat together count, too. */
  fromFirstSight?: boolean
}

/** Counts parties that sat in one copy of a map and then sit apart on it: what rule P1 forbids, seen from outside. */
export class PartySplits {
  readonly #watched = new Map<string, Watched>()
  readonly #graceMs: DurationMs
  readonly #fromFirstSight: boolean
  #total = 0

  constructor({ graceMs = GRACE_MS, fromFirstSight = false }: PartySplitsOptions = {}) {
    this.#graceMs = graceMs
    this.#fromFirstSight = fromFirstSight
  }

  get total(): number {
    return this.#total
  }

  sample(census: Census, now: Instant): void {
    const seen = new Set<string>()
    for (const [map, { copies }] of census.maps) {
      for (const [party, seated] of byParty(copies)) {
        const everybody = new Set([...seated.values()].flatMap((members) => [...members]))
        if (everybody.size < 2) continue
        const key = `${map} ${party}`
        seen.add(key)
        this.#see(
          key,
          [...seated.values()].some((members) => members.size === everybody.size),
          now,
        )
      }
    }
    for (const key of this.#watched.keys()) if (!seen.has(key)) this.#watched.delete(key)
  }

  #see(key: string, together: boolean, now: Instant): void {
    const watched = this.#watched.get(key)
    if (together || (watched === undefined && this.#fromFirstSight)) this.#watched.set(key, { together: now, counted: false })
    else if (watched !== undefined && !watched.counted && now - watched.together > this.#graceMs) {
      watched.counted = true
      this.#total++
    }
  }
}

/** Who of each party sits where; one person on the way may sit in two. */
function byParty(copies: MapCensus['copies']): Map<string, Map<CopyId, Set<CharacterId>>> {
  const parties = new Map<string, Map<CopyId, Set<CharacterId>>>()
  for (const [id, { seats }] of copies) {
    for (const { party, character } of seats.values()) {
      if (party === undefined) continue
      const seated = parties.get(party) ?? new Map<CopyId, Set<CharacterId>>()
      parties.set(party, seated.set(id, (seated.get(id) ?? new Set()).add(character)))
    }
  }
  return parties
}
