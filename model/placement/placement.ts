import type { CharacterId, CopyId, InstanceKey, MapName, PartyId, Region } from '../ids.ts'
import type { SeatHolder, SeatOption } from '../seat.ts'
import type { CandidateRecord } from './decision.ts'

/** One character to place, with the company that it wants. */
export interface PlacementMember {
  holder: SeatHolder
  friends: ReadonlySet<CharacterId>
  /**
   * Characters with a block between them and this one, and those that show nobody where they are. They are no company, even as friends or guild-mates; only the party
   * keeps its members.
   */
  blocked?: ReadonlySet<CharacterId>
  /** Characters met recently. */
  familiar: ReadonlySet<CharacterId>
  /** Closeness to friends and familiar characters, 0..1. A friend who is missing here was not met recently. Absent: all count equally. */
  closeness?: ReadonlyMap<CharacterId, number>
  /** The copy that the character left a short time ago; it goes back there while a seat is free (`placement.returnWithin`). */
  leftCopy?: CopyId
  /** Version of the last saved state. Absent: the character never played. */
  stateVersion?: number
  /** The other members of the party, online or offline. */
  partyMembers?: readonly CharacterId[]
}

/** A request to enter a map. All members are placed in one copy, or none is (rule P1). */
export interface PlacementRequest {
  map: MapName
  members: readonly PlacementMember[]
  party?: PartyId
  /** On maps whose instances have keys of the game: only copies with this key. */
  instanceKey?: InstanceKey
  protocol: number
  /** Round-trip time to each region, as the client measured it. */
  latencyMs?: Readonly<Record<Region, number>>
  /** Only servers of this region. */
  region?: Region
  /** Only this copy: the player chose it, or a friend or the party is there. */
  copy?: CopyId
  /** With `copy`: they join somebody who is there, so seats above the soft cap are open to them. */
  asCompany?: boolean
}

/** Copies, best first. `options` is the input of the directory's atomic step, `candidates` goes into the stored decision. */
export interface Ranking {
  options: SeatOption[]
  candidates: CandidateRecord[]
}
