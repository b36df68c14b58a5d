import type { Instant } from '../../../model/clock.ts'
import type { CharacterId, Epoch } from '../../../model/ids.ts'
import type { Seat, SeatHolder } from '../../../model/seat.ts'
import type { EntityView } from '../../../model/wire/snapshot.ts'
import type { Connection } from '../connection/connection.ts'
import type { Sight } from '../sight/sight.ts'
import type { InputLine } from './inputLine.ts'

/** A character's body in the room: what games work with. Its place and looks are those that others see. */
export interface Body<State> extends EntityView {
  readonly holder: SeatHolder
  /** The durable part: saved on a timer, on leaving and in each move. */
  state: State
}

/**
 * | phase    | body in the world | may be written by this server | follows                                            |
 * | -------- | ----------------- | ----------------------------- | -------------------------------------------------- |
 * | live     | yes               | yes                           | frozen (a move's release begins), or gone          |
 * | frozen   | yes, motionless   | by the release only           | live (it failed), released                         |
 * | released | no                | no                            | live (claimed back), gone (claimed by another)     |
 * | gone     | no                | no                            | –                                                  |
 */
export type Phase = 'live' | 'frozen' | 'released' | 'gone'

/** A character whose epoch this room holds, or held until the release. */
export interface Resident<State, Input> {
  readonly character: CharacterId
  readonly body: Body<State>
  epoch: Epoch
  phase: Phase
  inputs: InputLine<Input>
  /** Newest input told to the client as applied. */
  acknowledged: number
  sight: Sight
  connection: Connection | undefined
  /** Without a connection: how long the body waits for it. */
  graceUntil: Instant
  readonly since: Instant
  /** When its player did something last: an input, or a message of the game. */
  heard: Instant
  /** It was told that it gives up the seat at this instant, unless it does something. */
  warned?: Instant | undefined
}

export function seatOf({ body, since }: Resident<unknown, unknown>): Seat {
  return { ...body.holder, state: 'taken', since }
}
