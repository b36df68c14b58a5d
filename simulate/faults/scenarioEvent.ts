import type { DurationMs } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import type { CallFault } from './kernel/network.ts'

export const CALL_FAULTS: readonly CallFault[] = ['request lost', 'answer lost', 'request late', 'request twice', 'answer late']
/** The messages that a client sends during a move. */
export const MOVE_MESSAGES = ['arrived', 'activate', 'declined'] as const
export type MoveMessage = (typeof MOVE_MESSAGES)[number]

/** Player actions. `who` is the player's number. */
export type PlayerAction =
  | { do: 'enter' | 'travel'; who: number; map: MapName }
  | { do: 'leave' | 'restart'; who: number }
  | { do: 'give'; who: number; to: number }
  | { do: 'fight' | 'idle'; who: number; ms: DurationMs }
  /** Travels to a friend's copy. */
  | { do: 'follow'; who: number; to: number }
  /** Walks along the border of a map for `ms`, and crosses it after `crossesAfterMs` if that is sooner. */
  | { do: 'stroll'; who: number; map: MapName; ms: DurationMs; crossesAfterMs: DurationMs }
  /** `part`: leaves the party. `delve`: enters the party's instance. */
  | { do: 'part' | 'delve'; who: number }
  /** `join`: joins the party of `to`, who makes one if needed. */
  | { do: 'join' | 'befriend' | 'block'; who: number; to: number }
  /** Joins the guild; with the empty name leaves it. */
  | { do: 'guild'; who: number; guild: string }

/**
 * Faults. A target is a process name, or `server 2` for the third of the game servers that are alive when it strikes. With `awaits` the fault strikes at that
 * many awaits later, so that the seeds together hit each await.
 */
export type Fault =
  | { fault: 'crash'; target: string; awaits: number; backMs: DurationMs }
  | { fault: 'stall'; target: string; awaits: number; forMs: DurationMs }
  | { fault: 'split'; target: string; from: string; forMs: DurationMs }
  | { fault: 'slow'; target: 'store' | 'directory'; ms: DurationMs; forMs: DurationMs }
  | { fault: 'call'; target: string; to: string; call: CallFault }
  /** The directory loses all its data. */
  | { fault: 'flush' }
  /** The fleet marks a server for draining. */
  | { fault: 'mark'; target: string }
  /** Strikes during the next move, `awaits` awaits after the phase `when`. */
  | { fault: 'ambush'; when: MovePhase; role: MoveRole; awaits: number; act: AmbushAct; forMs: DurationMs }
  /** A client sends its next move messages twice. */
  | { fault: 'twice'; who: number }
  /** A client does not send this move message for `forMs`. */
  | { fault: 'mute'; who: number; word: MoveMessage; forMs: DurationMs }
  /** A server gets SIGTERM and has to stop within `deadlineMs`. */
  | { fault: 'stop'; target: string; deadlineMs: DurationMs }
  /** The machine of a server is short of CPU: each step of its rooms is late by `lateMs`. */
  | { fault: 'overload'; target: string; lateMs: DurationMs; forMs: DurationMs }
  /** An operator closes an open copy, chosen by `nth`. */
  | { fault: 'close'; nth: number }
  /** The clock of a process jumps: it is `byMs` ahead from then on. */
  | { fault: 'clock'; target: string; byMs: DurationMs }
  /** A moderator bans the account of a player for `forMs`. */
  | { fault: 'ban'; who: number; forMs: DurationMs }
  /** A designer changes a policy: `soft` more seats per copy, at most `max` copies. */
  | { fault: 'policy'; map: MapName; soft: number; max: number }

/**
 * Phases of a move: `ordered` when its order is in the mailbox, `released` when the source has released the characters, `claimed` when the destination requests
 * the claim.
 */
export type MovePhase = 'ordered' | 'released' | 'claimed'
export type MoveRole = 'source' | 'destination' | 'player'
/** What happens to the process in that role. `split …` cuts it off from the named process. */
export type AmbushAct = 'crash' | 'stall' | 'split store' | 'split directory' | 'split player'

export type ScenarioEvent = { at: DurationMs } & (PlayerAction | Fault)

/** Formats an event for the history. */
export function describeEvent(event: ScenarioEvent): string {
  const { at: _at, ...what } = event
  const rest = Object.entries(what).filter(([key]) => key !== 'do' && key !== 'fault')
  const name = 'do' in event ? event.do : event.fault
  return [name, ...rest.map(([key, value]) => `${key} ${String(value)}`)].join(' ')
}
