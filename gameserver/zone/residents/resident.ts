import type { Instant } from '../../../model/clock.ts'
import type { StrataError } from '../../../model/errors.ts'
import type { CharacterId, Epoch } from '../../../model/ids.ts'
import type { Seat, SeatHolder } from '../../../model/seat.ts'
import type { FieldValues } from '../../../model/wire/entities/defineEntities.ts'
import type { EntityView } from '../../../model/wire/snapshot.ts'
import type { CharacterSettings } from '../../../store/accounts/accounts.ts'
import type { Connection } from '../connection/connection.ts'
import type { PlayerChecks } from '../fairness/playerChecks.ts'
import type { Sight } from '../sight/sight.ts'
import type { InputAnswer } from './inputAnswer.ts'
import type { InputQueue } from './inputQueue.ts'

/** A character's body in the room, as games use it. Other players see its position and look. */
export interface Body<State> extends EntityView {
  /** Replaced when the character's profile changes (`profileChanged`). */
  readonly holder: SeatHolder
  /** The durable part, which is saved when it has changed (`saveEveryMs`, `saveSoon`), on leaving and in each move. */
  state: State
}
/** A body with the fields that the game declares (`ZoneRoom.entities`). */
export type BodyOf<State, Declared> = Body<State> & FieldValues<Declared>

/**
 * | phase    | body in the world | may be written by this server | next phase                                         |
 * | -------- | ----------------- | ----------------------------- | -------------------------------------------------- |
 * | live     | yes               | yes                           | frozen (the release of a move begins), gone        |
 * | frozen   | yes, motionless   | by the release only           | live (the release failed), released                |
 * | released | no                | no                            | live (claimed back), gone (claimed by another)     |
 * | gone     | no                | no                            | –                                                  |
 */
export type Phase = 'live' | 'frozen' | 'released' | 'gone'

/** What of a character's profile says who may know that it is here. */
export interface Audience {
  presence: CharacterSettings['presence']
  friends: readonly CharacterId[]
  partyMembers: readonly CharacterId[]
  /** Characters with which there is a block, in either direction. */
  blocked: readonly CharacterId[]
}

/** A character whose epoch this room holds, or held until the release for a move. */
export interface Resident<State, Input> {
  readonly character: CharacterId
  readonly body: Body<State>
  epoch: Epoch
  phase: Phase
  inputs: InputQueue<Input>
  /** Number of the newest input that was acknowledged to a client of protocol 1. */
  acknowledged: number
  sight: Sight
  readonly checks: PlayerChecks
  /** Until then the client may repeat inputs, because a move has begun or ended. */
  replaysUntil: Instant
  connection: Connection | undefined
  /** Without a connection, the body stays until this time, and longer while it may not leave (hook `canLeave`). */
  graceUntil: Instant
  /** Without a connection, the body stays until this time at most. */
  staysUntil: Instant
  readonly since: Instant
  /** Time of the player's last activity (hook `isActivity`). */
  lastActive: Instant
  /** The last input, and the last message of each other type, to compare the next one with. */
  lastInput: unknown
  readonly lastSent: Map<string, unknown>
  /** When the client gets a snapshot before its turn. */
  readonly answer: InputAnswer
  /** The character's profile at the last read, so that the client receives only changes. Absent until the first read. */
  profile?: string
  /** To whom the character shows itself; absent until its profile was read. */
  audience?: Audience
  /** The session ends for this reason when the move that the character is on has ended. */
  dismissal?: StrataError
  /** What the database has of the character, as text. Absent: this server does not know. */
  savedText?: string | undefined
  /** Whether that was written twice, so that it is on the disk. */
  durable?: boolean
  /** Everything before this time is saved. */
  savedAt: Instant
  /** The next save of the character may not be later; absent until the first batch after its arrival. */
  saveBy?: Instant
  /** The trace in which the character came here; its last save is part of it. */
  readonly trace: string | undefined
  /** Set when the player was warned: the idle player's seat is released at this time. */
  releaseAt?: Instant | undefined
}

export function seatOf({ body, since }: Resident<unknown, unknown>): Seat {
  return { ...body.holder, state: 'taken', since }
}
