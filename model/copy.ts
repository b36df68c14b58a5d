import type { Instant } from './clock.ts'
import { StrataError } from './errors.ts'
import type { CopyId, MapName, PartyId, ServerId } from './ids.ts'

/** Where a client connects: `host:port`; the scheme (`ws`, `wss`) is part of it. */
export type Address = string

export type CloseReason = 'merge' | 'drain' | 'empty' | 'operator'

/** Versions of characters' states: the one that a game writes, and the newest that it reads, which may be a later one (docs/decisions/0021). */
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
  /** When the present state began. */
  since: Instant
  /** Only on maps of kind `instance`: the party that owns it. */
  party?: PartyId
  /** Of the game that runs there, since it opened. Absent: its server does not say; it is taken to read all. */
  states?: StateVersions
  /** When its server put it back into a directory that had lost it: a matchmaker that has begun since then knows by it that a line may be lost, too (rule Q1). */
  restored?: Instant
}

/**
 * One running room of a map.
 *
 * | from    | to      | who          | when                                              |
 * | ------- | ------- | ------------ | ------------------------------------------------- |
 * | –       | opening | orchestrator | plan says open; a server with a free room is named |
 * | opening | open    | server       | the room runs and accepts joins                   |
 * | open    | closing | orchestrator | merge, drain, operator                            |
 * | closing | open    | orchestrator | refilled above `cancelAbove` (rule C1)            |
 * | opening, closing | – (closed: removed) | server | never ran, or is empty                |
 * | any     | lost    | orchestrator | its server is gone; then removed                  |
 */
export type Copy =
  | (CopyBase & { state: 'opening' })
  | (CopyBase & { state: 'open'; address: Address })
  | (CopyBase & {
      state: 'closing'
      address: Address
      reason: CloseReason
      /** After it, busy players are moved too (rule C2). */
      deadline: Instant
      successors: CopyId[]
    })
  | (CopyBase & { state: 'lost' })

export type CopyState = Copy['state']

const allowed: Record<CopyState, readonly CopyState[]> = {
  opening: ['open', 'lost'],
  open: ['closing', 'lost'],
  closing: ['open', 'lost'],
  lost: [],
}

/** Throws COPY_TRANSITION naming both states when the table above has no such row. */
export function assertTransition(from: Copy, to: Copy): void {
  if (!allowed[from.state].includes(to.state)) {
    throw new StrataError('COPY_TRANSITION', { copy: from.id, from: from.state, to: to.state })
  }
}

export function openedCopy(copy: Copy, address: Address, now: Instant, states = copy.states): Copy & { state: 'open' } {
  const next = { ...base(copy), ...(states === undefined ? {} : { states }), state: 'open' as const, address, since: now }
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

function base({ id, map, server, created, since, party, states }: Copy): CopyBase {
  return { id, map, server, created, since, ...(party === undefined ? {} : { party }), ...(states === undefined ? {} : { states }) }
}

/** Whether a character whose state is of this version can be let in. */
export function readsState({ states }: Copy, version: number): boolean {
  return states === undefined || version <= states.reads
}
