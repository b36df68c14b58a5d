import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely'
import type { Attributes } from '../model/ids.ts'
import type { CandidateRecord, DecisionKind } from '../model/placement/decision.ts'
import type { StoredCandidates } from './decisions/candidates.ts'
import type { EconomyTables } from './economy/tables.ts'

/** `moving` and `live_copy` are never both set: a character is live, released for a move, or neither. */
interface Characters {
  id: Generated<string>
  entity: GeneratedAlways<number>
  name: string
  /** Result of `foldName`; unique. */
  name_key: string
  language: string
  guild: string | null
  epoch: Generated<number>
  live_copy: string | null
  live_server: string | null
  moving: string | null
  state: ColumnType<unknown, string | null, string | null>
  state_version: Generated<number>
  saved_at: Date | null
  attributes: ColumnType<Attributes | null, string | null | undefined, string | null>
}

interface Acquaintances {
  character: string
  at: Date
  minutes: JSONColumnType<Record<string, number>>
}

interface Hops {
  character: string
  map: string
  level: number
  at: Date
  copy: string
}

interface Locks {
  character: string
  key: string
  deed: string
  taken: Date
  until: Date
}

interface InstanceOpenings {
  character: string
  map: string
  at: Date
  party: string
}

interface DayShapes {
  map: string
  quarters: JSONColumnType<(number | null)[]>
  at: Date
}

interface Guilds {
  id: Generated<string>
  name: string
  name_key: string
}

/** Wishes hold names instead of ids, because a named friend may not have played yet. */
interface FriendWishes {
  character: string
  wished_key: string
}

interface Parties {
  id: string
}

interface PartyMembers {
  character: string
  party: string
  joined: GeneratedAlways<number>
}

interface Decisions {
  id: string
  at: Date
  kind: DecisionKind
  map: string
  copy: string | null
  characters: string[]
  reason: string
  policy_version: string
  candidates: JSONColumnType<StoredCandidates | CandidateRecord[]>
  inputs: JSONColumnType<Record<string, unknown>>
}

export interface Tables extends EconomyTables {
  characters: Characters
  guilds: Guilds
  friend_wishes: FriendWishes
  parties: Parties
  party_members: PartyMembers
  decisions: Decisions
  acquaintances: Acquaintances
  hops: Hops
  locks: Locks
  instance_openings: InstanceOpenings
  day_shapes: DayShapes
}
