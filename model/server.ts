import type { Instant } from './clock.ts'
import type { Address } from './copy.ts'
import type { FleetName, Region, ServerId } from './ids.ts'

/** Client protocol versions that a server speaks, both ends included. */
export interface ProtocolRange {
  min: number
  max: number
}

/** The protocol version that this code's clients speak. */
export const PROTOCOL_VERSION = 1
/** The versions that this code's servers speak: raise `min` when no client in the wild speaks it any more. */
export const PROTOCOL_RANGE: ProtocolRange = { min: 1, max: PROTOCOL_VERSION }

/** Whether clients of a server that speaks `from` can be moved to one that speaks `to`: not if it surely does not understand them. */
export function protocolsOverlap(to: ProtocolRange, from: ProtocolRange): boolean {
  return to.min <= from.max && from.min <= to.max
}

/** What a server says of itself, once a second; one that says nothing for `SERVER_LOST_AFTER_MS` is lost. */
export interface ServerReport {
  id: ServerId
  fleet: FleetName
  address: Address
  /** How many copies it may host. */
  rooms: number
  protocol: ProtocolRange
  /** Unknown: neither near nor far from anybody. */
  region?: Region
  /** SIGTERM or a fleet update: it takes no new copies and no new seats. */
  draining: boolean
  /** Told to stop: whoever is still there at this instant is saved and disconnected. One that is only marked stays until it is empty. */
  leavesBy?: Instant
  beat: Instant
}

/**
 * The last part of a leaving server's time, in which busy players are moved too: an order that nobody stood by for (10 s) is given
 * once more (15 s later), and the destination has to claim (5 s). Whoever is not gone by then is cut off.
 */
export const FORCED_MOVES_MS = 30_000

/** Until when a leaving server can wait for busy players. */
export function forcedMovesStart({ leavesBy }: { leavesBy?: Instant | undefined }): Instant {
  return leavesBy === undefined ? Number.POSITIVE_INFINITY : leavesBy - FORCED_MOVES_MS
}

export const SERVER_BEAT_MS = 1_000
export const SERVER_LOST_AFTER_MS = 5_000
