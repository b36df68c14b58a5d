import type { MapSnapshot } from '../../directory/directory.ts'
import type { Instant } from '../../model/clock.ts'
import type { Copy } from '../../model/copy.ts'
import { sameFairness } from '../../model/fairness.ts'
import type { CharacterId, CopyId, ServerId } from '../../model/ids.ts'
import { type Seat, seatsAgree } from '../../model/seat.ts'

export type HostingAction =
  /** Create the room and publish its address. */
  | { type: 'open'; copy: Copy }
  /** The orchestrator changed the copy (closing, reopened). */
  | { type: 'follow'; copy: Copy }
  /** The directory has lost the copy; write it again (rule D1). */
  | { type: 'restore'; copy: Copy }
  /** These characters are in the room but have no seat in the directory, which has lost it (rule D1). */
  | { type: 'reseat'; copy: Copy; seats: Seat[] }
  /** The directory has a taken seat for a character that is not in the room. */
  | { type: 'unseat'; copy: Copy; character: CharacterId }
  /** These seats differ between the directory and the room: the profiles are read again. */
  | { type: 'redescribe'; copy: Copy; seats: Seat[] }
  /** The copy is empty or cannot run here: close its room and remove it from the directory. */
  | { type: 'remove'; copy: Copy }
  /** The directory names another server: close the room and leave the directory entry as it is. */
  | { type: 'abandon'; copy: Copy }

export interface HostingInput {
  server: ServerId
  /** Snapshots of the maps that were read, with this server's copies and those that it knows. Nothing is concluded about copies of other maps. */
  snapshots: readonly MapSnapshot[]
  rooms: ReadonlyMap<CopyId, { empty: boolean; seats(): Seat[] }>
  known: ReadonlyMap<CopyId, Copy>
  draining: boolean
  /** Seat differences that the last audit found. A difference is corrected when two audits in a row find it, because a single one may be in transit. */
  suspects: ReadonlySet<string>
  /** Whether to compare the seats in this round. */
  audit: boolean
  /**
   * When the snapshots were requested. A seat that was taken before, and whose character is still here, was lost by the directory when a snapshot lacks it: only
   * this server frees taken seats of its copies.
   */
  readAt: Instant
}

/**
 * Plans the actions that make the rooms of this server match the copies that the directory assigns to it.
 *
 * | state in the directory         | a room exists | action                                                       |
 * | ------------------------------ | ------------- | ------------------------------------------------------------ |
 * | opening                        | –             | open; remove when this server is draining                    |
 * | open, closing                  | yes           | follow; remove when closing, the room is empty and no seats  |
 * | open, closing                  | no            | remove: an earlier process of this server had it             |
 * | lost                           | either        | none: the orchestrator removes it, then it is restored       |
 * | another server has it          | yes           | abandon                                                      |
 * | not listed                     | yes           | restore, so that nobody is disconnected (rule D1)            |
 */
export function planHosting(input: HostingInput): { actions: HostingAction[]; suspects: Set<string> } {
  const { server, snapshots, rooms, known, draining, readAt } = input
  const actions: HostingAction[] = []
  const suspects = new Set<string>()
  const maps = new Set(snapshots.map(({ map }) => map))
  const listed = new Map(snapshots.flatMap(({ copies }) => copies.map((copy) => [copy.id, copy])))
  for (const { seats, copies } of snapshots) {
    for (const copy of copies) {
      const room = rooms.get(copy.id)
      if (copy.server !== server) {
        if (room !== undefined) actions.push({ type: 'abandon', copy })
        continue
      }
      const own = seats.filter((seat) => seat.copy === copy.id).map(({ seat }) => seat)
      if (copy.state === 'opening') actions.push({ type: draining ? 'remove' : 'open', copy })
      else if (copy.state === 'lost') continue
      else if (room === undefined) actions.push({ type: 'remove', copy })
      else if (copy.state === 'closing' && room.empty && own.length === 0) actions.push({ type: 'remove', copy })
      else {
        if (changed(known.get(copy.id), copy)) actions.push({ type: 'follow', copy })
        const [lost, here] = lostSeats(room.seats(), own, readAt)
        if (lost.length > 0) actions.push({ type: 'reseat', copy, seats: lost })
        if (input.audit) actions.push(...auditSeats({ copy, here, listed: own, before: input.suspects, suspects }))
      }
    }
  }
  for (const [id, copy] of known) if (!listed.has(id) && rooms.has(id) && maps.has(copy.map)) actions.push({ type: 'restore', copy })
  return { actions, suspects }
}

function changed(before: Copy | undefined, copy: Copy): boolean {
  return before?.state !== copy.state || before.since !== copy.since || !sameFairness(before.fairness, copy.fairness)
}

/** The seats of a room that the directory has certainly lost, and the others. */
function lostSeats(here: readonly Seat[], listed: readonly Seat[], readAt: Instant): [lost: Seat[], others: Seat[]] {
  const seated = takenBy(listed)
  const isLost = (seat: Seat): boolean => seat.state === 'taken' && seat.since < readAt && !seated.has(seat.character)
  return [here.filter(isLost), here.filter((seat) => !isLost(seat))]
}

function takenBy(listed: readonly Seat[]): Set<CharacterId> {
  return new Set(listed.filter(({ state }) => state === 'taken').map(({ character }) => character))
}

interface SeatAudit {
  copy: Copy
  here: Seat[]
  listed: Seat[]
  /** Differences that the last audit found. */
  before: ReadonlySet<string>
  /** Receives the differences that this audit finds. */
  suspects: Set<string>
}

/** Compares the seats of a room with those in the directory. Returns corrections for the differences that the last audit found, too. */
function auditSeats({ copy, here, listed, before, suspects }: SeatAudit): HostingAction[] {
  const foundTwice = (difference: string): boolean => {
    suspects.add(difference)
    return before.has(difference)
  }
  const present = new Set(here.map(({ character }) => character))
  const seated = takenBy(listed)
  const missing = here.filter(({ character }) => !seated.has(character) && foundTwice(`${copy.id} lacks ${character}`))
  const surplus = [...seated].filter((character) => !present.has(character) && foundTwice(`${copy.id} has ${character}`))
  const listedSeats = new Map(listed.map((seat) => [seat.character, seat]))
  const stale = here.flatMap((seat) => {
    const other = listedSeats.get(seat.character)
    return other === undefined || seatsAgree(other, seat) || !foundTwice(`${copy.id} describes ${seat.character}`) ? [] : [other]
  })
  return [
    ...(stale.length > 0 ? [{ type: 'redescribe' as const, copy, seats: stale }] : []),
    ...(missing.length > 0 ? [{ type: 'reseat' as const, copy, seats: missing }] : []),
    ...surplus.map((character) => ({ type: 'unseat' as const, copy, character })),
  ]
}
