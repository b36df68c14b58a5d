import type { MoveId } from '../../model/ids.ts'
import type { GoMessage, OfferMessage, StayMessage } from '../../model/wire/room.ts'

/**
 * The client's side of one move, as a pure state machine. A is the server where the player is, B is the destination.
 *
 * | state                | event                         | next       | effects                          |
 * | -------------------- | ----------------------------- | ---------- | -------------------------------- |
 * | idle                 | offer                         | connecting | connect to B                     |
 * | connecting, standing | offer of another move         | connecting | leave B, connect to the new B    |
 * | connecting           | connected                     | standing   | tell A: arrived                  |
 * | connecting           | refused                       | idle       | tell A: declined                 |
 * | standing             | B closed                      | idle       | tell A: declined                 |
 * | standing             | go                            | going      | tell B: activate                 |
 * | connecting, standing | stay                          | idle       | leave B, stay                    |
 * | idle                 | stay (after a decline)        | idle       | stay                             |
 * | going                | live                          | idle       | swap: B is where the player is   |
 * | going                | B closed, A still open        | returning  | tell A: declined (A reclaims)    |
 * | going, returning     | stay                          | idle       | leave B, stay                    |
 * | not idle             | stay of another move          | the same   | report that move as refused      |
 * | going                | A closed                      | going, alone | –                              |
 * | going                | B closed, A closed before     | idle       | enter again                      |
 * | returning            | A closed                      | idle       | enter again                      |
 * | going, returning     | timeout                       | idle       | leave B, enter again             |
 * | idle, connecting, standing | A closed                | idle       | leave B, enter again             |
 *
 * From `go` until `swap` or `stay` no server applies inputs: the client keeps them and replays them afterwards. Events that are not listed
 * change nothing.
 */
export type Following =
  | { state: 'idle' }
  | { state: 'connecting' | 'standing' | 'returning'; offer: OfferMessage }
  | { state: 'going'; offer: OfferMessage; alone: boolean }

export type FollowEvent =
  | { type: 'offer'; offer: OfferMessage }
  | { type: 'connected'; move: MoveId }
  | { type: 'refused'; move: MoveId; reason: string }
  | { type: 'go'; go: GoMessage }
  | { type: 'live' }
  | { type: 'stay'; stay: StayMessage }
  | { type: 'sourceClosed' }
  | { type: 'destinationClosed'; reason: string }
  | { type: 'timeout' }

export type FollowEffect =
  | { type: 'connect'; offer: OfferMessage }
  | { type: 'arrived'; move: MoveId }
  | { type: 'decline'; move: MoveId; reason: string }
  | { type: 'activate'; go: GoMessage }
  | { type: 'leaveDestination' }
  | { type: 'swap'; offer: OfferMessage }
  | { type: 'stay'; stay: StayMessage }
  /** A different move than the current one was refused before it began. */
  | { type: 'refused'; stay: StayMessage }
  | { type: 'enterAgain' }

export interface FollowStep {
  next: Following
  effects: FollowEffect[]
}

const idle: Following = { state: 'idle' }

export function follow(following: Following, event: FollowEvent): FollowStep {
  if (event.type === 'offer') return offered(following, event.offer)
  if (event.type === 'stay') return stayed(following, event.stay)
  if (event.type === 'sourceClosed') return sourceClosed(following)
  const to = (next: Following, ...effects: FollowEffect[]): FollowStep => ({ next, effects })
  const same = to(following)
  if (following.state === 'idle') return same
  const { offer } = following
  const { move } = offer
  const decline = (reason: string): FollowEffect => ({ type: 'decline', move, reason })
  switch (event.type) {
    case 'connected':
      return following.state === 'connecting' && event.move === move ? to({ state: 'standing', offer }, { type: 'arrived', move }) : same
    case 'refused':
      return following.state === 'connecting' && event.move === move ? to(idle, decline(event.reason)) : same
    case 'go':
      return following.state === 'standing' && event.go.move === move ? to({ state: 'going', offer, alone: false }, { type: 'activate', go: event.go }) : same
    case 'live':
      return following.state === 'going' ? to(idle, { type: 'swap', offer }) : same
    case 'destinationClosed':
      if (following.state === 'standing') return to(idle, decline(event.reason))
      if (following.state !== 'going') return same
      return following.alone ? to(idle, { type: 'enterAgain' }) : to({ state: 'returning', offer }, decline(event.reason))
    case 'timeout':
      return withheld(following) ? to(idle, { type: 'leaveDestination' }, { type: 'enterAgain' }) : same
  }
}

/** True while no server applies inputs. */
export function withheld({ state }: Following): boolean {
  return state === 'going' || state === 'returning'
}

function offered(following: Following, offer: OfferMessage): FollowStep {
  if (withheld(following) || (following.state !== 'idle' && 'offer' in following && following.offer.move === offer.move))
    return { next: following, effects: [] }
  const effects: FollowEffect[] = following.state === 'idle' ? [] : [{ type: 'leaveDestination' }]
  return { next: { state: 'connecting', offer }, effects: [...effects, { type: 'connect', offer }] }
}

function stayed(following: Following, stay: StayMessage): FollowStep {
  if (following.state === 'idle') return { next: following, effects: [{ type: 'stay', stay }] }
  if (following.offer.move !== stay.move) return { next: following, effects: [{ type: 'refused', stay }] }
  return { next: idle, effects: [{ type: 'leaveDestination' }, { type: 'stay', stay }] }
}

function sourceClosed(following: Following): FollowStep {
  if (following.state === 'going') return { next: { ...following, alone: true }, effects: [] }
  return { next: idle, effects: following.state === 'idle' ? [{ type: 'enterAgain' }] : [{ type: 'leaveDestination' }, { type: 'enterAgain' }] }
}
