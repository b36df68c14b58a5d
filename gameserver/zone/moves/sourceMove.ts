import type { Instant } from '../../../model/clock.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { CLAIM_TIMEOUT_MS, type MoveOrder, type MoveOutcome, STANDBY_TIMEOUT_MS } from '../../../model/move.ts'

/** What became of one member after the release. */
export type Fate = 'awaited' | 'reclaiming' | 'claimed' | 'returned'

/**
 * One order at the source (server A), as a pure machine: a fault simulation runs this very code.
 *
 * | state     | event                                  | next      | effects                                   |
 * | --------- | -------------------------------------- | --------- | ----------------------------------------- |
 * | –         | begin                                  | offered   | offer to each                             |
 * | offered   | arrived, others missing                | offered   | –                                         |
 * | offered   | arrived, last one; nobody busy         | releasing | freeze and release all                    |
 * | offered   | arrived, last one; somebody busy       | standing  | –                                         |
 * | offered   | declined, tick past the standby time   | failed    | stay, free the seats at B, settle         |
 * | offered, standing | gone; superseded by another order | cancelled | stay, free the seats at B, settle      |
 * | standing  | tick, nobody busy                      | releasing | freeze and release all                    |
 * | standing  | tick past the deadline: merge, drain   | releasing | freeze and release all, busy or not       |
 * | standing  | tick past the deadline: travel, rescue | failed    | stay, free the seats at B, settle         |
 * | standing  | tick past the deadline: border (it did not cross) | cancelled | stay, free the seats at B, settle |
 * | standing  | declined                               | failed    | stay, free the seats at B, settle         |
 * | releasing | released                               | released  | go to each                                |
 * | releasing | refused (an epoch was stale)           | failed    | stay, free the seats at B, settle         |
 * | released  | claimed                                | released, done | depart; settle when it was the last  |
 * | released  | declined, tick past the claim time     | released  | reclaim                                   |
 * | releasing, released | gone (to B, or logged out)   | the same  | – (whoever has gone is not missed at the end) |
 * | released  | reclaimed: won                         | released, reclaimed, cancelled (all who return have gone) | return, free the seat at B; settle when it was the last |
 * | released  | reclaimed: lost (somebody was faster)  | released, done, reclaimed | depart; settle when it was the last |
 *
 * Before `releasing` nothing was changed and everybody plays on in A (rule M2). What is not listed changes nothing.
 * `releasing` waits for the database's word however long that takes: until then nobody knows who may write (rule S1).
 */
export type SourceMove =
  | { state: 'offered'; order: MoveOrder; arrived: ReadonlySet<CharacterId>; until: Instant }
  | { state: 'standing'; order: MoveOrder }
  | { state: 'releasing'; order: MoveOrder; gone: ReadonlySet<CharacterId> }
  | { state: 'released'; order: MoveOrder; fates: ReadonlyMap<CharacterId, Fate>; gone: ReadonlySet<CharacterId>; until: Instant }
  | { state: 'done' | 'failed' | 'cancelled' | 'reclaimed'; order: MoveOrder }

/** `busy`: members whom the game does not let go at this moment (rule M3), or who have not crossed the border yet. */
export type SourceEvent =
  | { type: 'arrived'; character: CharacterId; busy: readonly CharacterId[] }
  | { type: 'declined'; character: CharacterId; reason: string }
  | { type: 'gone'; character: CharacterId }
  /** A border move only waits for its crossing; every other order comes first. */
  | { type: 'superseded' }
  /** `until`: the server leaves, and can wait for busy members no longer than that, whatever the order says. */
  | { type: 'tick'; now: Instant; busy: readonly CharacterId[]; until?: Instant }
  | { type: 'released'; now: Instant }
  | { type: 'refused'; reason: string }
  | { type: 'claimed'; character: CharacterId }
  | { type: 'reclaimed'; character: CharacterId; won: boolean }

export type SourceEffect =
  | { type: 'offer'; character: CharacterId }
  /** Freeze, save and mark as released: all members in one transaction. */
  | { type: 'release' }
  | { type: 'go'; character: CharacterId }
  | { type: 'stay'; character: CharacterId; reason: string }
  | { type: 'giveBackSeat'; character: CharacterId }
  | { type: 'reclaim'; character: CharacterId }
  /** Claimed back: the body stands in A again. */
  | { type: 'return'; character: CharacterId }
  /** Claimed by somebody else: nothing of it is left in A. */
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
      return same(move)
  }
}

/** An order that cannot even begin: a member who logged out meanwhile, or is on another move. */
export function refuseMove(order: MoveOrder, reason: string): SourceStep {
  return givenUp(order, 'cancelled', reason)
}

function offered(move: SourceMove & { state: 'offered' }, event: SourceEvent): SourceStep {
  const { order } = move
  if (event.type === 'arrived') {
    if (!members(order).includes(event.character)) return same(move)
    const arrived = new Set(move.arrived).add(event.character)
    if (arrived.size < order.members.length) return { next: { ...move, arrived }, effects: [] }
    return event.busy.length === 0 ? release(order) : { next: { state: 'standing', order }, effects: [] }
  }
  if (event.type === 'tick' && event.now >= move.until) return failed(order, `not on standby within ${STANDBY_TIMEOUT_MS / 1000} s`)
  return abandoned(move, event)
}

function standing(move: SourceMove & { state: 'standing' }, event: SourceEvent): SourceStep {
  const { order } = move
  if (event.type !== 'tick') return abandoned(move, event)
  if (event.busy.length === 0) return release(order)
  if (event.now < Math.min(order.deadline, event.until ?? order.deadline)) return same(move)
  if (order.cause === 'border') return givenUp(order, 'cancelled', 'not crossed')
  return order.cause === 'merge' || order.cause === 'drain' ? release(order) : failed(order, `${event.busy.length} busy until the deadline`)
}

function releasing(move: SourceMove & { state: 'releasing' }, event: SourceEvent): SourceStep {
  const { order } = move
  if (event.type === 'gone') return { next: { ...move, gone: new Set(move.gone).add(event.character) }, effects: [] }
  if (event.type === 'refused') return failed(order, event.reason)
  if (event.type !== 'released') return same(move)
  const fates = new Map(members(order).map((character) => [character, 'awaited' as Fate]))
  const next: SourceMove = { state: 'released', order, fates, gone: move.gone, until: event.now + CLAIM_TIMEOUT_MS }
  return { next, effects: members(order).map((character) => ({ type: 'go', character })) }
}

function released(move: SourceMove & { state: 'released' }, event: SourceEvent): SourceStep {
  const { fates } = move
  const of = (fate: Fate): CharacterId[] => [...fates].filter(([, known]) => known === fate).map(([character]) => character)
  switch (event.type) {
    case 'claimed':
      return decide(move, event.character, ['awaited', 'reclaiming'], 'claimed')
    case 'reclaimed':
      return decide(move, event.character, ['reclaiming'], event.won ? 'returned' : 'claimed')
    case 'gone':
      return { next: { ...move, gone: new Set(move.gone).add(event.character) }, effects: [] }
    case 'declined':
      return fates.get(event.character) === 'awaited' ? reclaim(move, [event.character]) : same(move)
    case 'tick':
      return event.now >= move.until && of('awaited').length > 0 ? reclaim(move, of('awaited')) : same(move)
    default:
      return same(move)
  }
}

function reclaim(move: SourceMove & { state: 'released' }, characters: CharacterId[]): SourceStep {
  const fates = new Map(move.fates)
  for (const character of characters) fates.set(character, 'reclaiming')
  return { next: { ...move, fates }, effects: characters.map((character) => ({ type: 'reclaim', character })) }
}

function decide(move: SourceMove & { state: 'released' }, character: CharacterId, from: readonly Fate[], fate: 'claimed' | 'returned'): SourceStep {
  const known = move.fates.get(character)
  if (known === undefined || !from.includes(known)) return same(move)
  const fates = new Map(move.fates).set(character, fate)
  const effects: SourceEffect[] =
    fate === 'claimed'
      ? [{ type: 'depart', character }]
      : [
          { type: 'giveBackSeat', character },
          { type: 'return', character },
        ]
  const all = [...fates.values()]
  if (all.includes('awaited') || all.includes('reclaiming')) return { next: { ...move, fates }, effects }
  const { order } = move
  const returned = [...fates].filter(([, known]) => known === 'returned')
  const waiting = returned.filter(([one]) => !move.gone.has(one)).length
  const state = waiting > 0 ? 'reclaimed' : returned.length > 0 ? 'cancelled' : 'done'
  const reason = returned.length === 0 ? {} : { reason: waiting > 0 ? `${waiting} not claimed in time` : 'a member left' }
  return { next: { state, order }, effects: [...effects, { type: 'settle', outcome: { ...outcomeOf(order), state, ...reason } }] }
}

function abandoned(move: SourceMove, event: SourceEvent): SourceStep {
  if (event.type === 'superseded') return givenUp(move.order, 'cancelled', 'another move came first')
  if ((event.type !== 'declined' && event.type !== 'gone') || !members(move.order).includes(event.character)) return same(move)
  return event.type === 'declined' ? failed(move.order, `declined: ${event.reason}`) : givenUp(move.order, 'cancelled', 'a member left')
}

const failed = (order: MoveOrder, reason: string): SourceStep => givenUp(order, 'failed', reason)

function givenUp(order: MoveOrder, state: 'failed' | 'cancelled', reason: string): SourceStep {
  const effects: SourceEffect[] = members(order).flatMap((character) => [
    { type: 'giveBackSeat', character } as const,
    { type: 'stay', character, reason } as const,
  ])
  return { next: { state, order }, effects: [...effects, { type: 'settle', outcome: { ...outcomeOf(order), state, reason } }] }
}

const release = (order: MoveOrder): SourceStep => ({ next: { state: 'releasing', order, gone: new Set() }, effects: [{ type: 'release' }] })
const same = (move: SourceMove): SourceStep => ({ next: move, effects: [] })
const members = (order: MoveOrder): CharacterId[] => order.members.map(({ character }) => character)
const outcomeOf = ({ id, cause, members }: MoveOrder): Omit<MoveOutcome, 'state'> => ({ id, cause, members: members.length })
