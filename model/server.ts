import type { Instant } from './clock.ts'
import type { Address } from './copy.ts'
import type { FleetName, Region, ServerId } from './ids.ts'

/** Client protocol versions that a server speaks, both ends included. */
export interface ProtocolRange {
  min: number
  max: number
}

/** The protocol version that this code speaks. */
export const PROTOCOL_VERSION = 1

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
  beat: Instant
}

export const SERVER_BEAT_MS = 1_000
export const SERVER_LOST_AFTER_MS = 5_000
