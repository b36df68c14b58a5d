import type { CandidateRecord } from './decision.ts'
import type { CharacterId, CopyId, MapName, PartyId } from './ids.ts'
import type { SeatHolder, SeatOption } from './seat.ts'

/** One of the people to be placed, with the people they want to be with. */
export interface PlacementMember {
  holder: SeatHolder
  friends: ReadonlySet<CharacterId>
  /** People met lately. */
  familiar: ReadonlySet<CharacterId>
}

/** Who wants to enter what. All members are placed in one copy, or none is (rule P1). */
export interface PlacementRequest {
  map: MapName
  members: readonly PlacementMember[]
  party?: PartyId
  protocol: number
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
