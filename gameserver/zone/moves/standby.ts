import type { ErrorCode } from '../../../model/errors.ts'
import type { Epoch, MoveId } from '../../../model/ids.ts'

/**
 * One member of a move at the destination (server B), as a pure machine.
 *
 * | state    | event                        | next     | effects                                           |
 * | -------- | ---------------------------- | -------- | ------------------------------------------------- |
 * | standing | activate, of this move       | seating  | take the seat                                     |
 * | standing | activate, of another move    | ended    | give the held seat back, close MESSAGE_INVALID    |
 * | standing | left                         | ended    | give the held seat back                           |
 * | standing | expired                      | ended    | give the held seat back, close SEAT_EXPIRED       |
 * | seating  | seated                       | claiming | claim: epoch e → e + 1                            |
 * | seating  | unseated (it had lapsed)     | ended    | close SEAT_EXPIRED                                |
 * | claiming | claimed                      | ended    | embody (the client may have left: then the body waits out its grace) |
 * | claiming | missed (A or a login was faster) | ended | free the seat, close LIVE_ELSEWHERE             |
 * | seating, claiming | broken (a dependency) | ended   | free the seat, close DEPENDENCY_DOWN             |
 *
 * Until `claimed` nothing here may write the character; a claim whose answer was lost counts as missed, and the
 * character is then nobody's until the next login (rule S1). What is not listed changes nothing.
 */
export type Standby = { state: 'standing'; move: MoveId } | { state: 'seating' | 'claiming'; move: MoveId; epoch: Epoch } | { state: 'ended'; move: MoveId }

export type StandbyEvent =
  | { type: 'activate'; move: MoveId; epoch: Epoch }
  | { type: 'seated' }
  | { type: 'unseated' }
  | { type: 'claimed' }
  | { type: 'missed' }
  | { type: 'broken' }
  | { type: 'left' }
  | { type: 'expired' }

export type StandbyEffect =
  | { type: 'takeSeat' }
  | { type: 'claim'; epoch: Epoch }
  | { type: 'embody' }
  /** The seat was taken here. */
  | { type: 'freeSeat' }
  /** It is still held. */
  | { type: 'giveBackSeat' }
  | { type: 'close'; code: ErrorCode }

export interface StandbyStep {
  next: Standby
  effects: StandbyEffect[]
}

export function stepStandby(standby: Standby, event: StandbyEvent): StandbyStep {
  const { move } = standby
  const end = (...effects: StandbyEffect[]): StandbyStep => ({ next: { state: 'ended', move }, effects })
  const giveBack: StandbyEffect = { type: 'giveBackSeat' }
  if (standby.state === 'standing') {
    if (event.type === 'activate') {
      if (event.move !== move) return end(giveBack, { type: 'close', code: 'MESSAGE_INVALID' })
      return { next: { state: 'seating', move, epoch: event.epoch }, effects: [{ type: 'takeSeat' }] }
    }
    if (event.type === 'left') return end(giveBack)
    if (event.type === 'expired') return end(giveBack, { type: 'close', code: 'SEAT_EXPIRED' })
  }
  if (standby.state === 'seating') {
    if (event.type === 'seated') return { next: { ...standby, state: 'claiming' }, effects: [{ type: 'claim', epoch: standby.epoch }] }
    if (event.type === 'unseated') return end({ type: 'close', code: 'SEAT_EXPIRED' })
  }
  if (standby.state === 'claiming') {
    if (event.type === 'claimed') return end({ type: 'embody' })
    if (event.type === 'missed') return end({ type: 'freeSeat' }, { type: 'close', code: 'LIVE_ELSEWHERE' })
  }
  if ((standby.state === 'seating' || standby.state === 'claiming') && event.type === 'broken') {
    return end({ type: 'freeSeat' }, { type: 'close', code: 'DEPENDENCY_DOWN' })
  }
  return { next: standby, effects: [] }
}
