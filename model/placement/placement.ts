import type { CharacterId, CopyId, MapName, PartyId, Region } from '../ids.ts'
import type { SeatHolder, SeatOption } from '../seat.ts'
import type { CandidateRecord } from './decision.ts'

/** One of the people to be placed, with the people they want to be with. */
export interface PlacementMember {
  holder: SeatHolder
  friends: ReadonlySet<CharacterId>
  /** People met lately. */
  familiar: ReadonlySet<CharacterId>
  /** How well they know their friends and familiar people, 0..1; friends who are not in it were not met lately. Absent: all are equally close. */
  closeness?: ReadonlyMap<CharacterId, number>
  /** Version of their state, as it was saved last; absent: they never played. */
  stateVersion?: number
  /** The others of their party, online or not. */
  partyMembers?: readonly CharacterId[]
}

/** Who wants to enter what. All members are placed in one copy, or none is (rule P1). */
export interface PlacementRequest {
  map: MapName
  members: readonly PlacementMember[]
  party?: PartyId
  protocol: number
  /** What the client measured to each region, round trip. */
  latencyMs?: Readonly<Record<Region, number>>
  /** Only servers of this region. */
  region?: Region
  /** Only this copy: chosen by hand, or where a friend or the party is. */
  copy?: CopyId
  /** With `copy`: they come to somebody who is inside, so the seats above soft are open to them. */
  asCompany?: boolean
}

/** Best first; `options` is what goes into the atomic step, `candidates` is what `explain` shows. */
export interface Ranking {
  options: SeatOption[]
  candidates: CandidateRecord[]
}
