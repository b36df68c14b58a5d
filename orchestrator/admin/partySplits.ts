import type { Census, MapCensus } from '../../model/census.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { CharacterId, CopyId } from '../../model/ids.ts'

/** A party must sit apart for this long to count as split. Longer than any move takes: during a move the party has seats in two copies. */
const GRACE_MS: DurationMs = 15_000

interface Watched {
  /** When all members were last in one copy, or when the party was first seen. */
  together: Instant
  counted: boolean
}

export interface PartySplitsOptions {
  graceMs?: DurationMs
  /** Also counts parties that never sat together. For worlds in which parties are formed before their members enter. */
  fromFirstSight?: boolean
}

/** Counts parties that sat in one copy of a map and then sit apart on the same map: violations of rule P1, measured from the census. */
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
        const members = new Set([...seated.values()].flatMap((inCopy) => [...inCopy]))
        if (members.size < 2) continue
        const key = `${map} ${party}`
        seen.add(key)
        this.#update(
          key,
          [...seated.values()].some((inCopy) => inCopy.size === members.size),
          now,
        )
      }
    }
    for (const key of this.#watched.keys()) if (!seen.has(key)) this.#watched.delete(key)
  }

  #update(key: string, together: boolean, now: Instant): void {
    const watched = this.#watched.get(key)
    if (together || (watched === undefined && this.#fromFirstSight)) this.#watched.set(key, { together: now, counted: false })
    else if (watched !== undefined && !watched.counted && now - watched.together > this.#graceMs) {
      watched.counted = true
      this.#total++
    }
  }
}

/** For each party, its members by copy. A character on the move is in two copies. */
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
