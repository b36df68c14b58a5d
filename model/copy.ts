import type { Instant } from './clock.ts'
import { defined } from './defined.ts'
import { StrataError } from './errors.ts'
import type { FairnessChanges } from './fairness.ts'
import type { CopyId, InstanceKey, MapName, PartyId, ServerId } from './ids.ts'

/** WebSocket URL that clients connect to: `ws://host:port` or `wss://host:port`. */
export type Address = string

export type CloseReason = 'merge' | 'drain' | 'empty' | 'operator'

/** Versions of the saved character state: the one that a game release writes, and the newest that it can read, which may be higher (docs/decisions/0021). */
export interface StateVersions {
  writes: number
  reads: number
}

interface CopyBase {
  id: CopyId
  map: MapName
  server: ServerId
  /** When the orchestrator decided to open it. */
  created: Instant
  /** When the copy entered its current state. */
  since: Instant
  /** The party that owns the copy. Set only on maps of kind `instance` without an own key. */
  party?: PartyId
  /** The game's key of the instance (`policy/instanceKey.ts`). It never changes, also when the function would answer otherwise by now. */
  instanceKey?: InstanceKey
  /**
   * State versions of the game release that runs there, set when the copy opens. Absent: the server does not report them; the copy is assumed to read every
   * version.
   */
  states?: StateVersions
  /** What the policy of the map changes of the defaults of fair play. Absent: nothing. */
  fairness?: FairnessChanges
  /**
   * When the server put the copy back into a directory that had been emptied. It tells a matchmaker that started later that the line may be lost, too (rule
   * Q1).
   */
  restored?: Instant
}

/**
 * One running room of a map.
 *
 * | from             | to                  | by           | when                                                                |
 * | ---------------- | ------------------- | ------------ | ------------------------------------------------------------------- |
 * | –                | opening             | orchestrator | the plan opens a copy, and a server with a free room is chosen      |
 * | opening          | open                | server       | the room runs and accepts joins                                     |
 * | open             | closing             | orchestrator | merge, drain, empty, or an operator's request                       |
 * | closing          | open                | orchestrator | the copy filled above `cancelAbove`, or is needed again (rule C1)   |
 * | opening, closing | – (closed: removed) | server       | the room could not start, or the copy is empty                      |
 * | any              | lost                | orchestrator | the server is lost; the copy is removed afterwards                  |
 */
export type Copy =
  | (CopyBase & { state: 'opening' })
  | (CopyBase & { state: 'open'; address: Address })
  | (CopyBase & {
      state: 'closing'
      address: Address
      reason: CloseReason
      /** After this instant, busy players are moved too (rule C2). */
      deadline: Instant
      successors: CopyId[]
    })
  | (CopyBase & { state: 'lost' })

export type CopyState = Copy['state']

/** Whether a closing copy has to end, because its server drains or an operator closed it. Others may reopen. */
export function hasToEnd({ reason }: { reason: CloseReason }): boolean {
  return reason === 'drain' || reason === 'operator'
}

const allowed: Record<CopyState, readonly CopyState[]> = {
  opening: ['open', 'lost'],
  open: ['closing', 'lost'],
  closing: ['open', 'lost'],
  lost: [],
}

/** Throws COPY_TRANSITION, which names both states, when the table of `Copy` has no such row. */
export function assertTransition(from: Copy, to: Copy): void {
  if (!allowed[from.state].includes(to.state)) {
    throw new StrataError('COPY_TRANSITION', { copy: from.id, from: from.state, to: to.state })
  }
}

export function openedCopy(copy: Copy, address: Address, now: Instant, states = copy.states): Copy & { state: 'open' } {
  const next = { ...base(copy), ...defined({ states }), state: 'open' as const, address, since: now }
  assertTransition(copy, next)
  return next
}

export function closingCopy(
  copy: Copy & { state: 'open' },
  closing: { reason: CloseReason; deadline: Instant; successors: CopyId[] },
  now: Instant,
): Copy & { state: 'closing' } {
  return { ...base(copy), state: 'closing', address: copy.address, since: now, ...closing }
}

/** Cancels the closing: the copy is open again (rule C1). */
export function reopenedCopy(copy: Copy & { state: 'closing' }, now: Instant): Copy & { state: 'open' } {
  const { reason: _reason, deadline: _deadline, successors: _successors, ...rest } = copy
  return { ...rest, state: 'open', since: now }
}

export function lostCopy(copy: Copy, now: Instant): Copy & { state: 'lost' } {
  const next = { ...base(copy), state: 'lost' as const, since: now }
  assertTransition(copy, next)
  return next
}

function base({ id, map, server, created, since, party, instanceKey, states, fairness }: Copy): CopyBase {
  return defined({ id, map, server, created, since, party, instanceKey, states, fairness })
}

/** The copy follows another policy of fair play. Its state and everything else stay. */
export function withFairness<State extends Copy>({ fairness: _before, ...copy }: State, fairness: FairnessChanges | undefined): State {
  return { ...copy, ...defined({ fairness }) } as State // only the optional field differs
}

/** Whether the game release of this copy can read a character state of this version. */
export function readsState({ states }: Copy, version: number): boolean {
  return states === undefined || version <= states.reads
}
