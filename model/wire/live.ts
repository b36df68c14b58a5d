import type { CloseReason, CopyState } from '../copy.ts'
import type { CopyId, FleetName, MapName, PartyId, ServerId } from '../ids.ts'

/** `GET /v1/live` of the orchestrator: server-sent events. The first message is the whole world, each later one what changed. Times are in ms since 1970. */
export interface LiveCopy {
  id: CopyId
  map: MapName
  server: ServerId
  state: CopyState
  /** Taken seats. */
  players: number
  held: number
  created: number
  /** When the copy entered its state. */
  since: number
  /** Of a closing copy. */
  reason?: CloseReason
  /** Of a closing copy: then busy players are moved, too. */
  deadline?: number
  successors?: CopyId[]
  /** Owner of an instance. */
  party?: PartyId
}

export interface LiveMap {
  map: MapName
  kind: 'zone' | 'instance'
  soft: number
  hard: number
  waiting: number
  policyVersion: string
  /** Problem of the newest policy; the last valid one stays in force. */
  policyError?: string
}

export interface LiveServer {
  id: ServerId
  fleet: FleetName
  state: string
  address: string
  rooms: number
  draining: boolean
}

export interface LiveTotals {
  copiesOpened: number
  copiesMerged: number
  movesOrdered: number
  seatsOverHardCap: number
  partySplits: number
}

export interface LiveHold {
  id: string
  map: MapName
  /** Of a pin. */
  copy?: CopyId
  until: number
  actor: string
  reason: string
}

export interface LiveWorld {
  /** Whether the orchestrator that answers is the leader. */
  leader: boolean
  /** False: the directory does not answer, and the numbers may be old. */
  ready: boolean
  maps: LiveMap[]
  copies: LiveCopy[]
  servers: LiveServer[]
  /** Orders of operators that last, such as pins. */
  holds: LiveHold[]
  totals: LiveTotals
}

/** Players who went from one copy to another since the last message: by a move, by a hop, or by travel. */
export type Flow = [from: CopyId, to: CopyId, players: number]

/** Absent fields did not change. `maps` and `servers` are whole lists; `copies` has only the changed ones. */
export interface LiveDelta extends Partial<Omit<LiveWorld, 'copies'>> {
  copies?: LiveCopy[]
  gone?: CopyId[]
  flows?: Flow[]
}

export type LiveMessage = ({ type: 'world'; at: number } & LiveWorld) | ({ type: 'delta'; at: number } & LiveDelta)
