import type { ErrorCode } from '../../../model/errors.ts'
import type { Epoch, MoveId } from '../../../model/ids.ts'

/**
 * Pure state machine for one member of a move at the destination (server B).
 *
 * | state    | event                        | next     | effects                                           |
 * | -------- | ---------------------------- | -------- | ------------------------------------------------- |
 * | standing | activate, of this move       | seating  | take the seat                                     |
 * | standing | activate, of another move    | ended    | give the held seat back, close MESSAGE_INVALID    |
 * | standing | left (the client)            | ended    | give the held seat back                           |
 * | standing | expired (the ticket)         | ended    | give the held seat back, close SEAT_EXPIRED       |
 * | seating  | seated                       | claiming | claim: epoch e → e + 1                            |
 * | seating  | unseated (the seat expired)  | ended    | close SEAT_EXPIRED                                |
 * | claiming | claimed                      | ended    | spawn (if the client has left, the body stays for its grace time) |
 * | claiming | missed (A or a login claimed first) | ended | free the seat, close LIVE_ELSEWHERE          |
 * | seating, claiming | broken (a dependency failed) | ended | free the seat, close DEPENDENCY_DOWN        |
 *
 * Before `claimed` this server may not write the character. A claim whose answer is lost counts as broken; nobody then holds the character until the
 * next login (rule S1). All other events change nothing.
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
  | { type: 'spawn' }
  /** Frees a taken seat. */
  | { type: 'freeSeat' }
  /** Gives back a held seat. */
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
    if (event.type === 'claimed') return end({ type: 'spawn' })
    if (event.type === 'missed') return end({ type: 'freeSeat' }, { type: 'close', code: 'LIVE_ELSEWHERE' })
  }
  if ((standby.state === 'seating' || standby.state === 'claiming') && event.type === 'broken') {
    return end({ type: 'freeSeat' }, { type: 'close', code: 'DEPENDENCY_DOWN' })
  }
  return { next: standby, effects: [] }
}
