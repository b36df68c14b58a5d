import type { Census, MapCensus } from '../../model/census.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { CharacterId, CopyId, MapName } from '../../model/ids.ts'
import type { Policies } from '../../model/policy/policy.ts'

/** A party must sit apart for this long to count as split. Longer than any move takes: during a move the party has seats in two copies. */
const GRACE_MS: DurationMs = 15_000
/**
 * The same after somebody joined the party, or it was seen for the first time: its members may have played in several copies before. The orchestrator moves
 * them together within some seconds, and waits two minutes for a busy one (`plan/move/gatherParties.ts`).
 */
const SETTLE_MS: DurationMs = 180_000

interface Watched {
  members: ReadonlySet<CharacterId>
  /** Until when the party may sit apart. */
  until: Instant
  counted: boolean
}

export interface PartySplitsOptions {
  graceMs?: DurationMs
  settleMs?: DurationMs
}

/**
 * Counts parties whose members sit apart on one map for too long: violations of rule P1, measured from what the seats say. Seats follow the parties of the
 * store. A party is not counted while no copy that holds some of it has room for the others.
 */
export class PartySplits {
  readonly #watched = new Map<string, Watched>()
  readonly #graceMs: DurationMs
  readonly #settleMs: DurationMs
  #total = 0

  constructor({ graceMs = GRACE_MS, settleMs = SETTLE_MS }: PartySplitsOptions = {}) {
    this.#graceMs = graceMs
    this.#settleMs = settleMs
  }

  get total(): number {
    return this.#total
  }

  /** Without policies every copy counts as having room. */
  sample(census: Census, now: Instant, policies?: Policies): void {
    const seen = new Set<string>()
    for (const [map, { copies }] of census.maps) {
      for (const [party, seated] of byParty(copies)) {
        const members = new Set([...seated.values()].flatMap((inCopy) => [...inCopy]))
        if (members.size < 2) continue
        const key = `${map} ${party}`
        seen.add(key)
        const together = [...seated.values()].some((inCopy) => inCopy.size === members.size)
        this.#update(key, { members, together: together || !hasRoom(map, copies, seated, policies) }, now)
      }
    }
    for (const key of this.#watched.keys()) if (!seen.has(key)) this.#watched.delete(key)
  }

  #update(key: string, { members, together }: { members: ReadonlySet<CharacterId>; together: boolean }, now: Instant): void {
    const watched = this.#watched.get(key)
    const joined = watched === undefined || [...members].some((member) => !watched.members.has(member))
    const known = { members, counted: watched?.counted ?? false }
    if (together) this.#watched.set(key, { members, until: now + this.#graceMs, counted: false })
    else if (joined) this.#watched.set(key, { ...known, until: now + this.#settleMs })
    else {
      const counts = !known.counted && now > watched.until
      if (counts) this.#total++
      this.#watched.set(key, { members, until: watched.until, counted: known.counted || counts })
    }
  }
}

/** Whether one of the copies that hold members has room for the others below the hard cap. */
function hasRoom(map: MapName, copies: MapCensus['copies'], seated: ReadonlyMap<CopyId, ReadonlySet<CharacterId>>, policies: Policies | undefined): boolean {
  const hard = policies?.get(map)?.capacity.hard ?? Number.POSITIVE_INFINITY
  const members = new Set([...seated.values()].flatMap((inCopy) => [...inCopy])).size
  return [...seated].some(([copy, inCopy]) => (copies.get(copy)?.seats.size ?? 0) + members - inCopy.size <= hard)
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
