import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely'
import type { Evidence, FairnessAction, ViolationKind } from '../model/fairness.ts'
import type { AccountId, Attributes, CharacterId, CopyId, GuildId, MapName, PartyId, ServerId } from '../model/ids.ts'
import type { CandidateRecord, DecisionKind } from '../model/placement/decision.ts'
import type { CharacterSettings } from './accounts/accounts.ts'
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
  guild: GuildId | null
  epoch: Generated<number>
  live_copy: string | null
  live_server: string | null
  moving: string | null
  /** The server that the release named for the claim. */
  moving_to: string | null
  /** Hash of the secret of the server that claimed it last; a trigger writes it. Null: another process did, or a game server of the previous release. */
  claimed_by: ColumnType<Buffer | null, never, never>
  /** The permits of its claims that have not expired: each serves once. */
  used_permits: string[] | null
  /** The copy that the character left last; null while it never left one. */
  left_copy: string | null
  left_at: Date | null
  /** When the name, languages, guild, attributes or settings changed last while the character was not in the world; triggers write it. */
  described_at: ColumnType<Date | null, never, never>
  state: ColumnType<unknown, string | null, string | null>
  state_version: Generated<number>
  saved_at: Date | null
  attributes: ColumnType<Attributes | null, string | null | undefined, string | null>
  account: AccountId | null
  /** Best first; `language` is the first of them. */
  languages: Generated<string[]>
  /** Skeleton of the name (`lookAlikeKey`); unique. */
  look_alike: string | null
  settings: ColumnType<Partial<CharacterSettings>, string | undefined, string>
  created_at: Generated<Date>
  deleted_at: Date | null
}

/** Accounts of players. The table `accounts` belongs to the ledger. */
interface PlayerAccounts {
  id: string
  display_name: string | null
  created_at: Generated<Date>
  banned_until: Date | null
  ban_reason: string | null
  muted_until: Date | null
  mute_reason: string | null
  /** The character that entered last, where an account may have one live character. */
  playing: string | null
  erased_at: Date | null
}

interface Friendships {
  character: CharacterId
  friend: string
  since: Generated<Date>
}

interface FriendRequests {
  sender: string
  receiver: string
  sent_at: Date
}

interface Blocks {
  account: AccountId
  blocked: string
  /** The character that was named; the block holds for all characters of both accounts. */
  character: CharacterId
  since: Generated<Date>
}

interface PartyInvitations {
  party: PartyId
  character: CharacterId
  inviter: string
  expires_at: Date
}

interface AuditLog {
  id: GeneratedAlways<number>
  at: Generated<Date>
  actor: string
  action: string
  subject: string
  reason: string | null
  details: JSONColumnType<Record<string, unknown>>
}

interface ViolationRows {
  id: string
  at: Date
  character: CharacterId
  map: MapName
  copy: CopyId
  tick: ColumnType<string, number, never>
  kind: ViolationKind
  count: number
  action: FairnessAction | 'none'
  x: number
  y: number
  evidence: JSONColumnType<Evidence>
  trust: number
}

interface ProfileChanges {
  id: GeneratedAlways<number>
  character: CharacterId
  due: Generated<Date>
  repeated: Generated<boolean>
}

interface Acquaintances {
  character: CharacterId
  at: Date
  minutes: JSONColumnType<Record<string, number>>
}

interface Hops {
  character: CharacterId
  map: MapName
  level: number
  at: Date
  copy: CopyId
}

interface Locks {
  character: CharacterId
  key: string
  deed: string
  taken: Date
  until: Date
}

interface InstanceOpenings {
  character: CharacterId
  map: MapName
  at: Date
  party: PartyId
}

interface DayShapes {
  map: MapName
  quarters: JSONColumnType<(number | null)[]>
  at: Date
}

interface EventCrowds {
  map: MapName
  /** Players by the name of the event. */
  crowds: JSONColumnType<Record<string, number>>
  at: Date
}

/** Game servers by name. A row that is not renewed for an hour is removed. */
interface GameServers {
  server: ServerId
  secret_hash: Buffer
  public_key: string
  seen_at: Generated<Date>
}

/** Keys that sign permits: the newest signs, and all are accepted. */
interface PermitKeys {
  id: GeneratedAlways<number>
  key: Buffer
}

interface Guilds {
  id: Generated<string>
  name: string
  name_key: string
  founder: string | null
  founded_at: Generated<Date>
  /** When the sweep last looked for members. */
  checked_at: Generated<Date>
  /** When the sweep found no members; null while there are some. */
  empty_since: Date | null
}

interface Parties {
  id: string
  /** Null, or somebody who left: the member who joined first leads. */
  leader: string | null
}

interface PartyMembers {
  character: CharacterId
  party: PartyId
  joined: GeneratedAlways<number>
}

interface Decisions {
  id: string
  at: Date
  kind: DecisionKind
  map: MapName
  copy: CopyId | null
  characters: CharacterId[]
  reason: string
  policy_version: string
  candidates: JSONColumnType<StoredCandidates | CandidateRecord[]>
  inputs: JSONColumnType<Record<string, unknown>>
}

/** Local accounts of the console; only the owner of the tables writes them. */
interface ConsoleAccounts {
  name: string
  roles: string[]
  password_hash: string
}

/** Orders of operators that last (`model/placement/hold.ts`). */
interface OperatorHolds {
  id: string
  map: MapName
  copy: CopyId | null
  until: Date
  actor: string
  reason: string
}

/** What one minute of the world was like, compressed (`orchestrator/recording`). No two rows overlap in time. */
interface RecordingChunks {
  starts_at: Date
  ends_at: Date
  recording_window: number
  /** One uninterrupted time of one leader. */
  term: string
  /** Whether the row begins with everybody who is in the world, so that a reader may begin there. */
  keyframe: boolean
  players: number
  events: Buffer
}

/** One row: the key of the pseudonyms in force. */
interface RecordingKeys {
  single: Generated<boolean>
  recording_window: number
  key: Buffer
  since: Date
}

/** Goes into the pseudonyms of a character, and is deleted with it. */
interface RecordingSalts {
  character: CharacterId
  salt: Generated<string>
}

export interface Tables extends EconomyTables {
  characters: Characters
  guilds: Guilds
  player_accounts: PlayerAccounts
  friendships: Friendships
  friend_requests: FriendRequests
  blocks: Blocks
  party_invitations: PartyInvitations
  audit_log: AuditLog
  violations: ViolationRows
  profile_changes: ProfileChanges
  parties: Parties
  party_members: PartyMembers
  decisions: Decisions
  acquaintances: Acquaintances
  hops: Hops
  locks: Locks
  instance_openings: InstanceOpenings
  day_shapes: DayShapes
  event_crowds: EventCrowds
  game_servers: GameServers
  permit_keys: PermitKeys
  console_accounts: ConsoleAccounts
  operator_holds: OperatorHolds
  recording_chunks: RecordingChunks
  recording_key: RecordingKeys
  recording_salts: RecordingSalts
}
