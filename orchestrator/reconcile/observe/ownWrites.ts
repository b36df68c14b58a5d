import type { Census, CopyCensus, MapCensus } from '../../../model/census.ts'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { Copy } from '../../../model/copy.ts'
import { sameFairness } from '../../../model/fairness.ts'
import type { CopyId, MapName } from '../../../model/ids.ts'

/** After this time the replica has received our write. If it does not show it, another process has undone it, and the replica is right. */
const TRUST_REPLICA_AFTER_MS: DurationMs = 2_000

type Write = { at: Instant } & ({ copy: Copy } | { removed: CopyId; map: MapName })

/**
 * Read-your-writes for the census, which is some milliseconds behind the directory. Without it, a round that starts soon after another one would open
 * the same copy a second time.
 */
export class OwnWrites {
  readonly #writes = new Map<CopyId, Write>()

  changed(copy: Copy, now: Instant): void {
    this.#writes.set(copy.id, { at: now, copy })
  }
  removed(map: MapName, copy: CopyId, now: Instant): void {
    this.#writes.set(copy, { at: now, removed: copy, map })
  }

  /** Returns the census with those of our writes that it does not show yet. */
  overlay(census: Census, now: Instant): Census {
    for (const [id, write] of this.#writes) if (now - write.at > TRUST_REPLICA_AFTER_MS || shows(census, write)) this.#writes.delete(id)
    if (this.#writes.size === 0) return census
    const maps = new Map(census.maps)
    for (const write of this.#writes.values()) {
      const map = 'copy' in write ? write.copy.map : write.map
      const before: MapCensus = maps.get(map) ?? { map, copies: new Map(), waiting: 0 }
      const copies = new Map(before.copies)
      if ('removed' in write) copies.delete(write.removed)
      else copies.set(write.copy.id, { ...(copies.get(write.copy.id) ?? noSeats), copy: write.copy })
      maps.set(map, { ...before, copies })
    }
    return { ...census, maps }
  }
}

const noSeats: Omit<CopyCensus, 'copy'> = { seats: new Map(), parties: new Map(), guilds: new Map(), languages: new Map() }

function shows(census: Census, write: Write): boolean {
  if ('removed' in write) return census.maps.get(write.map)?.copies.has(write.removed) !== true
  const there = census.maps.get(write.copy.map)?.copies.get(write.copy.id)?.copy
  if (there === undefined) return false
  // A copy in any state shows that the opening has arrived.
  if (write.copy.state === 'opening' || there.since > write.copy.since) return true
  return (
    there.since === write.copy.since &&
    there.state === write.copy.state &&
    sameSuccessors(there, write.copy) &&
    sameFairness(there.fairness, write.copy.fairness)
  )
}

export function sameSuccessors(a: Copy, b: Copy): boolean {
  const [left, right] = [a, b].map((copy) => (copy.state === 'closing' ? copy.successors.join(' ') : ''))
  return left === right
}
