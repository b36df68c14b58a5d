import type { DurationMs } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import type { CallFault } from './kernel/network.ts'

export const CALL_FAULTS: readonly CallFault[] = ['request lost', 'answer lost', 'request late', 'request twice', 'answer late']
/** What a client says in a move. */
export const MOVE_WORDS = ['arrived', 'activate', 'declined'] as const
export type MoveWord = (typeof MOVE_WORDS)[number]

/** What players do. `who` counts players. */
export type Deed =
  | { do: 'enter' | 'travel'; who: number; map: MapName }
  | { do: 'leave' | 'restart'; who: number }
  | { do: 'give'; who: number; to: number }
  | { do: 'fight' | 'idle'; who: number; ms: DurationMs }
  /** Goes to where a friend is. */
  | { do: 'follow'; who: number; to: number }
  /** Walks along the edge of a map, and over it if there is time. */
  | { do: 'stroll'; who: number; map: MapName; ms: DurationMs; crossesAfterMs: DurationMs }
  /** Leaves their party; goes into its instance. */
  | { do: 'part' | 'delve'; who: number }

/**
 * What goes wrong. A target is the name of a process, or `server 2`: the third game server of those that are alive then.
 * `awaits`: it strikes at so many waits from then on, so that each of them is hit by some seed.
 */
export type Fault =
  | { fault: 'crash'; target: string; awaits: number; backMs: DurationMs }
  | { fault: 'stall'; target: string; awaits: number; forMs: DurationMs }
  | { fault: 'split'; target: string; from: string; forMs: DurationMs }
  | { fault: 'slow'; target: 'store' | 'directory'; ms: DurationMs; forMs: DurationMs }
  | { fault: 'call'; target: string; to: string; call: CallFault }
  /** The directory loses everything. */
  | { fault: 'flush' }
  /** The fleet marks a server: it is to be emptied. */
  | { fault: 'mark'; target: string }
  /** Strikes in the middle of the next move, so many waits after the moment that is named. */
  | { fault: 'ambush'; when: Moment; role: Role; awaits: number; act: Ambush; forMs: DurationMs }
  /** A client says its next words in a move twice. */
  | { fault: 'twice'; who: number }
  /** … or does not say this one. */
  | { fault: 'mute'; who: number; word: MoveWord; forMs: DurationMs }
  /** A server is told to stop, and has so long for it. */
  | { fault: 'stop'; target: string; deadlineMs: DurationMs }
  /** An operator closes a copy. */
  | { fault: 'close'; nth: number }
  /** The clock of a process is stepped: that of its machine was wrong, or is now. */
  | { fault: 'clock'; target: string; byMs: DurationMs }
  /** A designer changes a policy: so many seats more, and that many copies at most. */
  | { fault: 'policy'; map: MapName; soft: number; max: number }

/** Of a move: its order is in the mailbox, the source has released, the destination asks for the claim. */
export type Moment = 'ordered' | 'released' | 'claimed'
export type Role = 'source' | 'destination' | 'player'
/** What befalls whoever plays that role; `split …` cuts it off from the one that is named. */
export type Ambush = 'crash' | 'stall' | 'split store' | 'split directory' | 'split player'

export type Happening = { at: DurationMs } & (Deed | Fault)

/** For people. */
export function sayHappening(happening: Happening): string {
  const { at: _at, ...what } = happening
  const rest = Object.entries(what).filter(([key]) => key !== 'do' && key !== 'fault')
  const name = 'do' in happening ? happening.do : happening.fault
  return [name, ...rest.map(([key, value]) => `${key} ${String(value)}`)].join(' ')
}
