import type { Instant } from '../clock.ts'
import type { CloseReason } from '../copy.ts'
import type { ErrorCode } from '../errors.ts'
import type { ViolationKind } from '../fairness.ts'
import type { Attributes, CharacterId, CopyId, EntityId, Epoch, GuildId, Language, MapName, MoveId, PartyId, ServerId } from '../ids.ts'
import type { MoveCause } from '../move.ts'

/**
 * Messages between client SDK and room. Control messages start with `__strata:`; all other types belong to the game. A client joins a room with
 * `joinById(copy, { ticket })`. In a move, A is the source server and B the destination. The shapes of clients' messages, and a text for each member, are in
 * `model/wire/messages/`.
 */
export const control = {
  /** server → client: the character is live here. Sent after a join with a ticket without `move`, and after `activate`. */
  live: '__strata:live',
  /** A → client: a seat is held at B; join B as standby. */
  offer: '__strata:offer',
  /** client → A: the client is on standby at B. */
  arrived: '__strata:arrived',
  /** client → A: the client could not join B. The move fails, and the player stays in A. */
  declined: '__strata:declined',
  /** A → client: the release begins. The character stands still until `live` at B or `stay`; A keeps sending snapshots. */
  hold: '__strata:hold',
  /** A → client: the character is released; send `activate` to B now. */
  go: '__strata:go',
  /** client → B: claim the character. */
  activate: '__strata:activate',
  /** A → client: the move failed, or A claimed the character back. The player stays in A. */
  stay: '__strata:stay',
  /** A → client: the player is near the edge to another map; request a seat there now, so that it is ready in time. */
  border: '__strata:border',
  /** server → client: the copy is closing (a notice for the player). */
  closing: '__strata:closing',
  /** server → client: saving is late, play goes on. Sent again when saving has recovered. */
  saving: '__strata:saving',
  /** server → client: the player is idle and will lose the seat to somebody in line. Sent again when the warning is over. */
  idle: '__strata:idle',
  /** server → client: messages of a type come too fast and are dropped. Sent at most once a second. */
  limited: '__strata:limited',
  /** server → client: the game server saw a violation (`model/fairness.ts`), and the policy of the map warns the player. */
  warned: '__strata:warned',
  /** server → client: a notice from outside the room: an offer to follow, or lists that changed. */
  notice: '__strata:notice',
  /** server → client: the client has left, and the game keeps its body for a while. The server closes the connection when the body is gone. */
  staying: '__strata:staying',
  /** server → client: what the world knows of the character changed (name, guild, party and so on). */
  profile: '__strata:profile',
  /** server → client: why the server ends the session. The close follows. */
  ended: '__strata:ended',
  /** client → server: one numbered input of the game. */
  input: '__strata:input',
  /** server → client: how entities are written in the snapshots that follow (`EntitiesLayout`). Sent once, before the first snapshot. */
  layout: '__strata:layout',
  /** server → client of protocol 1: all inputs up to this number are applied. Later clients find it in each snapshot. */
  ack: '__strata:ack',
  /** client → server: a chat message (`model/wire/chat.ts`); answered by `said`. */
  say: '__strata:say',
  /** client → server: join or leave a custom chat channel; answered by `said`. A client on standby joins its channels at B, too. */
  channel: '__strata:channel',
  /** server → client: the answer to `say` or `channel`. */
  said: '__strata:said',
  /** server → client: a chat message of a channel that the character is in. */
  chat: '__strata:chat',
} as const

export interface OfferMessage {
  move: MoveId
  cause: MoveCause
  map: MapName
  copy: CopyId
  address: string
  ticket: string
  /** The character's position in B's coordinates, when B is on another map. */
  at?: { x: number; y: number }
  /** Entities that move along with the character. The client keeps them on screen until B shows them (rule M5). */
  companions: EntityId[]
}
export interface HoldMessage {
  move: MoveId
}
export interface GoMessage {
  move: MoveId
  epoch: Epoch
  /** The last input that A applied. The client replays later inputs to B. */
  lastInput: number
}
export interface StayMessage {
  move: MoveId
  reason: string
  lastInput: number
}
export interface LiveMessage {
  map: MapName
  copy: CopyId
  server: ServerId
  entity: EntityId
  epoch: Epoch
  lastInput: number
  /** Ticks per second of the room; clients need it to interpolate. */
  tickRate: number
  /** The game's own data about the character, for its player only (`ZoneRoom.selfState`). */
  self: unknown
}

export interface AckMessage {
  lastInput: number
}
export interface BorderMessage {
  map: MapName
}
export interface SavingMessage {
  late: boolean
  /** Everything before this instant is saved. A crash would lose later changes. */
  since: Instant
}
export interface IdleMessage {
  /** When the player loses the seat. Absent: the warning is over. */
  leavesAt?: Instant
}
export interface StayingMessage {
  /** Longest time in ms. */
  forMs: number
}
export interface LimitedMessage {
  type: string
}
export interface WarnedMessage {
  kind: ViolationKind
}
/** What changed for the player; the client reads it again. */
export const changeTopics = ['profile', 'party', 'partyInvitations', 'friends', 'friendRequests', 'blocks', 'guildInvitations'] as const
export type ChangeTopic = (typeof changeTopics)[number]
export type NoticeMessage =
  /** A party member travels and asks the player to follow. `until`: the offer ends at this instant. */
  { about: 'follow'; from: { character: CharacterId; name: string }; map: MapName; until: Instant } | { about: 'changed'; topics: ChangeTopic[] }
/** The player's own profile, without friends and blocks: the lists of the HTTP API have them. Sent after a change of these, too. */
export interface ProfileMessage {
  name: string
  /** Best first. */
  languages: readonly Language[]
  guild?: GuildId
  party?: PartyId
  /** In order of joining, the character included. */
  partyMembers: readonly CharacterId[]
  attributes?: Attributes
}
/** A code of the error catalogue and its complete message. A WebSocket close has no room for the message. */
export interface EndedMessage {
  code: ErrorCode
  message: string
}
export interface ClosingMessage {
  reason: CloseReason
  /** After this instant, busy players are moved too. */
  deadline: Instant
}

/** Type byte of the binary snapshot (`client.sendBytes`). */
export const SNAPSHOT = 's'
