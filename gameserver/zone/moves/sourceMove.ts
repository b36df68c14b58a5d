import type { Instant } from '../../../model/clock.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { CLAIM_TIMEOUT_MS, type MoveOrder, type MoveOutcome, STANDBY_TIMEOUT_MS } from '../../../model/move.ts'

/** Who claims one member after the release: `awaited` and `reclaiming` are undecided; `claimed` elsewhere, `returned` to this server. */
export type ClaimStatus = 'awaited' | 'reclaiming' | 'claimed' | 'returned'

/**
 * Pure state machine for one move order at the source (server A).
 *
 * | state     | event                                  | next      | effects                                   |
 * | --------- | -------------------------------------- | --------- | ----------------------------------------- |
 * | –         | begin                                  | offered   | offer to each                             |
 * | offered   | arrived, others missing                | offered   | –                                         |
 * | offered   | arrived, last one; nobody busy         | releasing | freeze and release all                    |
 * | offered   | arrived, last one; somebody busy       | standing  | –                                         |
 * | offered   | declined, tick past the standby time   | failed    | stay, free the seats at B, settle         |
 * | offered, standing | the same of a merge or drain, past the deadline | failed | as above, and rescue the member who did not arrive |
 * | offered, standing | gone; superseded by another order | cancelled | stay, free the seats at B, settle      |
 * | standing  | tick, nobody busy                      | releasing | freeze and release all                    |
 * | standing  | tick past the deadline: merge, drain   | releasing | freeze and release all, busy or not       |
 * | standing  | tick past the deadline: travel         | failed    | stay, free the seats at B, settle         |
 * | standing  | tick past the deadline: border (not crossed), reunite | cancelled | stay, free the seats at B, settle      |
 * | standing  | declined                               | failed    | stay, free the seats at B, settle         |
 * | releasing | released                               | released  | go to each                                |
 * | releasing | refused (an epoch was stale)           | failed    | stay, free the seats at B, settle         |
 * | released  | claimed                                | released, done | depart; settle after the last member |
 * | released  | declined, tick past the claim time     | released  | reclaim                                   |
 * | releasing, released | gone (to B, or logged out)   | unchanged | – (a member who has gone does not make the move `reclaimed`) |
 * | released  | reclaimed: won                         | released, reclaimed, cancelled (all returned members have gone) | return, free the seat at B; settle after the last member |
 * | released  | reclaimed: won, a merge or drain past the deadline | as above | as above, and rescue the member    |
 * | released  | reclaimed: lost (claimed elsewhere first) | released, done, reclaimed | depart; settle after the last member |
 *
 * Before `releasing` nothing has changed and everybody plays on in A (rule M2). All other events change nothing.
 * Rescue means: saved and disconnected, and the client may enter again. Without it, a client that does not answer would keep a closing copy open (rule C2).
 * `releasing` has no timeout: until the database answers, it is unknown who may write the characters (rule S1).
 */
export type SourceMove =
  | { state: 'offered'; order: MoveOrder; arrived: ReadonlySet<CharacterId>; until: Instant }
  | { state: 'standing'; order: MoveOrder }
  | { state: 'releasing'; order: MoveOrder; gone: ReadonlySet<CharacterId> }
  | { state: 'released'; order: MoveOrder; claims: ReadonlyMap<CharacterId, ClaimStatus>; gone: ReadonlySet<CharacterId>; until: Instant }
  | { state: 'done' | 'failed' | 'cancelled' | 'reclaimed'; order: MoveOrder }

/** `busy`: members whom the game does not allow to move now (rule M3), or who have not crossed the border yet. */
export type SourceEvent =
  | { type: 'arrived'; character: CharacterId; busy: readonly CharacterId[] }
  /** `overdue`: the copy had to be empty by now. */
  | { type: 'declined'; character: CharacterId; reason: string; overdue?: boolean }
  | { type: 'gone'; character: CharacterId }
  /** Another order names a member. A border move that still waits for its crossing gives way to it. */
  | { type: 'superseded' }
  /** `until`: set when the server is stopping; it waits for busy members until then, even if the order's deadline is later. */
  | { type: 'tick'; now: Instant; busy: readonly CharacterId[]; until?: Instant }
  | { type: 'released'; now: Instant }
  | { type: 'refused'; reason: string }
  | { type: 'claimed'; character: CharacterId }
  | { type: 'reclaimed'; character: CharacterId; won: boolean; overdue?: boolean }

export type SourceEffect =
  | { type: 'offer'; character: CharacterId }
  /** Freezes all members, then saves and releases them in one transaction. */
  | { type: 'release' }
  | { type: 'go'; character: CharacterId }
  | { type: 'stay'; character: CharacterId; reason: string }
  | { type: 'giveBackSeat'; character: CharacterId }
  | { type: 'reclaim'; character: CharacterId }
  /** The member was claimed back and is in A again. */
  | { type: 'return'; character: CharacterId }
  /** The member is saved and disconnected. */
  | { type: 'rescue'; character: CharacterId }
  /** The member was claimed elsewhere and leaves A. */
  | { type: 'depart'; character: CharacterId }
  | { type: 'settle'; outcome: MoveOutcome }

export interface SourceStep {
  next: SourceMove
  effects: SourceEffect[]
}

export function beginMove(order: MoveOrder, now: Instant): SourceStep {
  const next: SourceMove = { state: 'offered', order, arrived: new Set(), until: now + STANDBY_TIMEOUT_MS }
  return { next, effects: members(order).map((character) => ({ type: 'offer', character })) }
}

export function stepSource(move: SourceMove, event: SourceEvent): SourceStep {
  switch (move.state) {
    case 'offered':
      return offered(move, event)
    case 'standing':
      return standing(move, event)
    case 'releasing':
      return releasing(move, event)
    case 'released':
      return released(move, event)
    default:
      return unchanged(move)
  }
}

/** Cancels an order that cannot start, because a member has logged out or is on another move. */
export function refuseMove(order: MoveOrder, reason: string): SourceStep {
  return abort(order, 'cancelled', reason)
}

function offered(move: SourceMove & { state: 'offered' }, event: SourceEvent): SourceStep {
  const { order } = move
  if (event.type === 'arrived') {
    if (!members(order).includes(event.character)) return unchanged(move)
    const arrived = new Set(move.arrived).add(event.character)
    if (arrived.size < order.members.length) return { next: { ...move, arrived }, effects: [] }
    return event.busy.length === 0 ? release(order) : { next: { state: 'standing', order }, effects: [] }
  }
  if (event.type === 'tick' && event.now >= move.until) {
    const missing = isOverdue(order, event) ? members(order).filter((character) => !move.arrived.has(character)) : []
    return rescued(failed(order, `not on standby within ${STANDBY_TIMEOUT_MS / 1000} s`), missing)
  }
  return abortOn(move, event)
}

function standing(move: SourceMove & { state: 'standing' }, event: SourceEvent): SourceStep {
  const { order } = move
  if (event.type !== 'tick') return abortOn(move, event)
  if (event.busy.length === 0) return release(order)
  if (event.now < deadlineOf(order, event.until)) return unchanged(move)
  if (order.cause === 'border') return abort(order, 'cancelled', 'not crossed')
  if (order.cause === 'reunite' || order.cause === 'relief') return abort(order, 'cancelled', `${event.busy.length} busy until the deadline`)
  return order.cause === 'merge' || order.cause === 'drain' ? release(order) : failed(order, `${event.busy.length} busy until the deadline`)
}

function releasing(move: SourceMove & { state: 'releasing' }, event: SourceEvent): SourceStep {
  const { order } = move
  if (event.type === 'gone') return { next: { ...move, gone: new Set(move.gone).add(event.character) }, effects: [] }
  if (event.type === 'refused') return failed(order, event.reason)
  if (event.type !== 'released') return unchanged(move)
  const claims = new Map(members(order).map((character) => [character, 'awaited' as ClaimStatus]))
  const next: SourceMove = { state: 'released', order, claims, gone: move.gone, until: event.now + CLAIM_TIMEOUT_MS }
  return { next, effects: members(order).map((character) => ({ type: 'go', character })) }
}

function released(move: Released, event: SourceEvent): SourceStep {
  const { claims } = move
  const awaited = [...claims].filter(([, status]) => status === 'awaited').map(([character]) => character)
  switch (event.type) {
    case 'claimed':
      return recordClaim(move, event.character, ['awaited', 'reclaiming'], 'claimed')
    case 'reclaimed':
      return rescued(
        recordClaim(move, event.character, ['reclaiming'], event.won ? 'returned' : 'claimed'),
        event.won && event.overdue === true ? [event.character] : [],
      )
    case 'gone':
      return { next: { ...move, gone: new Set(move.gone).add(event.character) }, effects: [] }
    case 'declined':
      return claims.get(event.character) === 'awaited' ? reclaim(move, [event.character]) : unchanged(move)
    case 'tick':
      return event.now >= move.until && awaited.length > 0 ? reclaim(move, awaited) : unchanged(move)
    default:
      return unchanged(move)
  }
}

function reclaim(move: Released, characters: CharacterId[]): SourceStep {
  const claims = new Map(move.claims)
  for (const character of characters) claims.set(character, 'reclaiming')
  return { next: { ...move, claims }, effects: characters.map((character) => ({ type: 'reclaim', character })) }
}

type Released = SourceMove & { state: 'released' }

/** Records that a member was claimed, and settles the move when it was the last undecided one. */
function recordClaim(move: Released, character: CharacterId, from: readonly ClaimStatus[], to: 'claimed' | 'returned'): SourceStep {
  const before = move.claims.get(character)
  if (before === undefined || !from.includes(before)) return unchanged(move)
  const claims = new Map(move.claims).set(character, to)
  const effects: SourceEffect[] =
    to === 'claimed'
      ? [{ type: 'depart', character }]
      : [
          { type: 'giveBackSeat', character },
          { type: 'return', character },
        ]
  const all = [...claims.values()]
  if (all.includes('awaited') || all.includes('reclaiming')) return { next: { ...move, claims }, effects }
  const { order } = move
  const returned = [...claims].filter(([, status]) => status === 'returned')
  const present = returned.filter(([one]) => !move.gone.has(one)).length
  const state = present > 0 ? 'reclaimed' : returned.length > 0 ? 'cancelled' : 'done'
  const reason = returned.length === 0 ? {} : { reason: present > 0 ? `${present} not claimed in time` : 'a member left' }
  return { next: { state, order }, effects: [...effects, { type: 'settle', outcome: { ...outcomeOf(order), state, ...reason } }] }
}

/** Aborts a move that is not released yet when a member declines or leaves, or another order takes its place. */
function abortOn(move: SourceMove, event: SourceEvent): SourceStep {
  if (event.type === 'superseded') return abort(move.order, 'cancelled', 'another move came first')
  if ((event.type !== 'declined' && event.type !== 'gone') || !members(move.order).includes(event.character)) return unchanged(move)
  if (event.type === 'gone') return abort(move.order, 'cancelled', 'a member left')
  return rescued(failed(move.order, `declined: ${event.reason}`), event.overdue === true ? [event.character] : [])
}

/** Whether the move empties its copy, and the copy should be empty by now. `until`: see the event `tick`. */
export function isOverdue(order: MoveOrder, { now, until }: { now: Instant; until?: Instant }): boolean {
  return (order.cause === 'merge' || order.cause === 'drain') && now >= deadlineOf(order, until)
}

function rescued({ next, effects }: SourceStep, characters: readonly CharacterId[]): SourceStep {
  return { next, effects: [...effects, ...characters.map((character) => ({ type: 'rescue', character }) as const)] }
}

const deadlineOf = (order: MoveOrder, until = order.deadline): Instant => Math.min(order.deadline, until)
const failed = (order: MoveOrder, reason: string): SourceStep => abort(order, 'failed', reason)

function abort(order: MoveOrder, state: 'failed' | 'cancelled', reason: string): SourceStep {
  const effects: SourceEffect[] = members(order).flatMap((character) => [
    { type: 'giveBackSeat', character } as const,
    { type: 'stay', character, reason } as const,
  ])
  return { next: { state, order }, effects: [...effects, { type: 'settle', outcome: { ...outcomeOf(order), state, reason } }] }
}

const release = (order: MoveOrder): SourceStep => ({ next: { state: 'releasing', order, gone: new Set() }, effects: [{ type: 'release' }] })
const unchanged = (move: SourceMove): SourceStep => ({ next: move, effects: [] })
const members = (order: MoveOrder): CharacterId[] => order.members.map(({ character }) => character)
const outcomeOf = ({ id, cause, members }: MoveOrder): Omit<MoveOutcome, 'state'> => ({ id, cause, members: members.length })
