import type { SpokenKind } from '../../model/wire/chat.ts'
import type { SeatAnswer } from '../../model/wire/matchmaker.ts'
import type { Person } from './crowd.ts'

/** Orders to a load process. */
export type Order =
  | { order: 'enter'; people: number; players: { person: Person; seat: SeatAnswer }[] }
  /** A round begins with empty counts in all processes. Its number is part of each text, so that late messages of the previous round are not counted. */
  | { order: 'begin'; round: number }
  /** Each player speaks every `everyMs`. */
  | { order: 'talk'; everyMs: number; seconds: number }
  /** Asks for the number of messages that were received in this round. */
  | { order: 'count' }
  | { order: 'collect' }

export type Answer =
  | { answer: 'ready' }
  | { answer: 'entered' }
  | { answer: 'begun' }
  | { answer: 'talked' }
  | { answer: 'count'; received: number }
  | { answer: 'collected'; heard: Heard }
  | { answer: 'failed'; error: string }

/** What the players of one load process said and received in one round. */
export interface Heard {
  /** Messages that a server accepted, by the sender and channel (`keyOf`). */
  said: Uint32Array
  /** Received messages, by their sender and channel, summed over the players of this process. */
  received: Uint32Array
  /** Messages that a server refused, by the code. */
  refused: Map<string, number>
  /** Messages with a number that is not above the one before, of the same sender in the same channel at the same player. */
  outOfOrder: number
  /** Players who lost their connection. Nobody takes them in again. */
  disconnected: number
  /** From the call of `say` to the event in the receiver's client, in ms. */
  delaysMs: Float64Array
  /** How late each message was said, in ms: the load process had no CPU time. */
  latenessMs: Float64Array
  /** Time of the last received message, from `nowMs`. */
  lastAt: number
}

const channels: readonly SpokenKind[] = ['map', 'guild', 'party', 'whisper', 'custom']

/** Index of a sender and channel in the arrays of counts. */
export const keyOf = (channel: SpokenKind, sender: number): number => sender * channels.length + channels.indexOf(channel)

export const countsFor = (people: number): Uint32Array => new Uint32Array(people * channels.length)

/** Milliseconds of the machine's monotonic clock, which all processes share. */
export const nowMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000
