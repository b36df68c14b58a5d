import type { Instant } from './clock.ts'
import type { Address } from './copy.ts'
import type { FleetName, Region, ServerId } from './ids.ts'
import type { LoadLevel } from './load.ts'

/** Client protocol versions that a server supports, both ends included. */
export interface ProtocolRange {
  min: number
  max: number
}

/** The protocol version of the client SDK in this repository. */
export const PROTOCOL_VERSION = 2
/** The versions that servers of this release support. Raise `min` when no released client uses it any more. */
export const PROTOCOL_RANGE: ProtocolRange = { min: 1, max: PROTOCOL_VERSION }

/** Whether clients of a server with range `from` may be moved to a server with range `to`. False when no protocol version is in both. */
export function protocolsOverlap(to: ProtocolRange, from: ProtocolRange): boolean {
  return to.min <= from.max && from.min <= to.max
}

/** Report that a server writes every `SERVER_BEAT_MS`. A server without a report for `SERVER_LOST_AFTER_MS` is lost. */
export interface ServerReport {
  id: ServerId
  fleet: FleetName
  address: Address
  /** Most copies that the server may host. */
  rooms: number
  protocol: ProtocolRange
  /** Absent: the region is unknown, and latency does not count for or against the server. */
  region?: Region
  /** True after SIGTERM or a mark for draining: the server takes no new copies and no new seats. */
  draining: boolean
  /** How short of CPU the server is (`load.ts`): the highest level of its rooms. Absent: 0. */
  load?: LoadLevel
  /**
   * Set after SIGTERM: players who are still there at this instant are saved and disconnected. A server that is only marked for draining stays until it is
   * empty.
   */
  leavesBy?: Instant
  beat: Instant
}

/**
 * How long before `leavesBy` a server moves busy players too, in ms. It covers an order whose client does not arrive (10 s), the second order (15 s
 * after the first), and the claim (5 s). Players who remain after that are disconnected.
 */
export const FORCED_MOVES_MS = 30_000

/** From this instant on, a server that leaves also moves busy players. */
export function forcedMovesStart({ leavesBy }: { leavesBy?: Instant | undefined }): Instant {
  return leavesBy === undefined ? Number.POSITIVE_INFINITY : leavesBy - FORCED_MOVES_MS
}

/** Interval of a server's reports, in ms. */
export const SERVER_BEAT_MS = 1_000
/** A server that misses five reports in a row is lost, in ms. */
export const SERVER_LOST_AFTER_MS = 5_000

/**
 * Nobody is sent to a server whose last report is older, in ms. A client takes its server for lost after 5 s without a message. Its server's last report is then older than 4 s, but the
 * orchestrator may not have taken its copies away yet. Half a second is for reports that arrive late.
 */
export const SERVER_DOUBTED_AFTER_MS = 3_500

/** Whether nobody is to be sent to the server of this report for now, because it may be lost. Its players stay. */
export function isDoubted({ beat }: Pick<ServerReport, 'beat'>, now: Instant): boolean {
  return now - beat > SERVER_DOUBTED_AFTER_MS
}

/** Whether the server of this report is lost, because the report is too old. */
export function isSilent({ beat }: Pick<ServerReport, 'beat'>, now: Instant): boolean {
  return now - beat > SERVER_LOST_AFTER_MS
}
