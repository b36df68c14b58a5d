import type { DurationMs, Instant } from './clock.ts'
import type { Address } from './copy.ts'
import type { CharacterId, CopyId, MapName, MoveId, PartyId, ServerId } from './ids.ts'

export type MoveCause = 'travel' | 'merge' | 'drain' | 'border' | 'rescue'

/** One member of a moving party, with the ticket that proves the seat held at the destination. */
export interface MoveMember {
  character: CharacterId
  ticket: string
}

/** Written into the source server's mailbox once all seats at the destination are held. One order moves one party, or one person. */
export interface MoveOrder {
  id: MoveId
  cause: MoveCause
  party?: PartyId
  members: MoveMember[]
  from: { map: MapName; copy: CopyId; server: ServerId }
  /** `heldUntil`: the deadline of the seats held there, by which they are known when they are not wanted. */
  to: { map: MapName; copy: CopyId; server: ServerId; address: Address; heldUntil: Instant }
  ordered: Instant
  /** Busy members are waited for until then; after it a drain or merge moves them anyway, a travel fails. */
  deadline: Instant
}

export interface MoveOutcome {
  id: MoveId
  cause: MoveCause
  /** `cancelled`: nothing went wrong, but somebody was no longer there to be moved. */
  state: 'done' | 'failed' | 'cancelled' | 'reclaimed'
  members: number
  reason?: string
}

/** How long a client has, from the offer, to stand by at the destination. */
export const STANDBY_TIMEOUT_MS = 10_000
/** How long A waits, from the release, for B's claim before it claims back. */
export const CLAIM_TIMEOUT_MS = 5_000
/** A travel that its travellers' fights hold up for longer is off: they asked for it, and can ask again. */
export const TRAVEL_DEADLINE_MS = 30_000
/** Whoever strolls along a border keeps the place beyond it for so long, and asks again then. */
export const BORDER_DEADLINE_MS = 60_000

/** How long the seats of somebody who goes elsewhere are held: until the travel is off, and for as long as the claim may take after a release in the last moment. */
export function moveHoldMs(seatHoldMs: DurationMs, border = false): DurationMs {
  return Math.max(seatHoldMs, (border ? BORDER_DEADLINE_MS : TRAVEL_DEADLINE_MS) + CLAIM_TIMEOUT_MS)
}
