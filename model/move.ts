import type { DurationMs, Instant } from './clock.ts'
import type { Address } from './copy.ts'
import type { CharacterId, CopyId, MapName, MoveId, PartyId, ServerId } from './ids.ts'

/**
 * `reunite` brings a player to guild-mates, `relief` takes players off a server that is short of CPU. Both are optional: players who are busy until the deadline
 * stay. `operator`: an operator ordered it; it fails when a player is busy until its deadline.
 */
export type MoveCause = 'travel' | 'merge' | 'drain' | 'border' | 'reunite' | 'relief' | 'operator'

/** One member of a moving party, with the ticket that proves the seat held at the destination. In a mailbox the ticket is sealed (`service/keys/sealedTickets.ts`). */
export interface MoveMember {
  character: CharacterId
  ticket: string
}

/** Written into the source server's mailbox when all seats at the destination are held. One order moves one party or one character. */
export interface MoveOrder {
  id: MoveId
  cause: MoveCause
  party?: PartyId
  members: MoveMember[]
  from: { map: MapName; copy: CopyId; server: ServerId }
  /** `heldUntil`: deadline of the seats held there. It identifies them when they are given back. */
  to: { map: MapName; copy: CopyId; server: ServerId; address: Address; heldUntil: Instant }
  ordered: Instant
  /** The source server waits for busy members until this instant. After it a drain or merge moves them anyway, a travel fails, and a border, reunite or relief move is cancelled. */
  deadline: Instant
  /** The trace that ordered it (W3C Trace Context). Both servers go on with it. */
  trace?: string
}

export interface MoveOutcome {
  id: MoveId
  cause: MoveCause
  /** `cancelled`: a member had left or dropped, so there was nobody to move; this is not a failure. */
  state: 'done' | 'failed' | 'cancelled' | 'reclaimed'
  members: number
  reason?: string
}

/** Time from the offer until the client must be on standby at the destination, in ms. */
export const STANDBY_TIMEOUT_MS = 10_000
/** Time from the release until the source server A claims the character back, unless the destination B claimed it, in ms. */
export const CLAIM_TIMEOUT_MS = 5_000
/** How long a party member may accept an offer to follow, in ms: long enough to read it, short enough that the party is still on its way or near. */
export const FOLLOW_OFFER_MS: DurationMs = 30_000
/** A travel fails when its members are busy for longer than this, in ms. They can ask again. */
export const TRAVEL_DEADLINE_MS = 30_000
/** How long a player near a border keeps the seat on the other side, in ms. The server requests another one when it ends. */
export const BORDER_DEADLINE_MS = 60_000

/** How long the seats of a travel are held, in ms: until the travel fails, plus the time for the claim after a release in the last moment. */
export function moveHoldMs(seatHoldMs: DurationMs, border = false): DurationMs {
  return Math.max(seatHoldMs, (border ? BORDER_DEADLINE_MS : TRAVEL_DEADLINE_MS) + CLAIM_TIMEOUT_MS)
}
