import type { DirectoryEvent } from '../../directory/directory.ts'
import type { Census } from '../../model/census.ts'
import type { Instant } from '../../model/clock.ts'
import type { CloseReason } from '../../model/copy.ts'
import type { CopyId } from '../../model/ids.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { StatusResponse } from '../../model/wire/admin.ts'
import { PartySplits } from './partySplits.ts'

/** Counts what has happened since this process started, from the events of the directory, so that a follower counts the same as the leader. */
export class Totals {
  readonly #opening = new Set<CopyId>()
  readonly #closing = new Map<CopyId, CloseReason>()
  readonly #splits = new PartySplits()
  #copiesOpened = 0
  #copiesMerged = 0
  #movesOrdered = 0
  #seatsOverHardCap = 0

  onEvent(event: DirectoryEvent): void {
    if (event.type === 'moveOrdered') this.#movesOrdered++
    else if (event.type === 'copy') {
      const { id, state } = event.copy
      if (state === 'opening') this.#opening.add(id)
      if (state === 'open' && this.#opening.delete(id)) this.#copiesOpened++
      if (event.copy.state === 'closing') this.#closing.set(id, event.copy.reason)
      else this.#closing.delete(id)
    } else if (event.type === 'copyRemoved') {
      this.#opening.delete(event.copy)
      if (this.#closing.get(event.copy) === 'merge') this.#copiesMerged++
      this.#closing.delete(event.copy)
    }
  }

  sample(census: Census, policies: Policies, now: Instant): void {
    this.#splits.sample(census, now, policies)
    this.#seatsOverHardCap = Math.max(this.#seatsOverHardCap, seatsOverHardCap(census, policies))
  }

  get(): StatusResponse['totals'] {
    return {
      copiesOpened: this.#copiesOpened,
      copiesMerged: this.#copiesMerged,
      movesOrdered: this.#movesOrdered,
      // The maximum of all samples. Above 0, rule S3 was violated, or a cap was lowered.
      seatsOverHardCap: this.#seatsOverHardCap,
      partySplits: this.#splits.total,
    }
  }
}

/** Seats above the hard caps at this moment. After a cap was lowered, the value is above 0 until enough players have left. */
export function seatsOverHardCap(census: Census, policies: Policies): number {
  let over = 0
  for (const [map, { copies }] of census.maps) {
    const hard = policies.get(map)?.capacity.hard ?? Number.POSITIVE_INFINITY
    for (const { seats } of copies.values()) over += Math.max(0, seats.size - hard)
  }
  return over
}
