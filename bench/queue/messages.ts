import type { CharacterId } from '../../model/ids.ts'
import type { LineAnswer, SeatAnswer } from '../../model/wire/matchmaker.ts'

/** Requests of players to a matchmaker of the storm. They are those of the HTTP API, sent over a pipe. */
export type Question =
  | { id: number; call: 'enter'; character: CharacterId; wholeParty: boolean }
  | { id: number; call: 'poll'; character: CharacterId; ticket: string; waitMs: number }
  | { id: number; call: 'leave'; character: CharacterId; ticket: string }

export type Answer = { seat: SeatAnswer } | { line: LineAnswer } | { left: true } | { error: string; retryable: boolean }

export interface Reply {
  id: number
  answer: Answer
}
