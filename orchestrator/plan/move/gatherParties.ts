import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId, PartyId } from '../../../model/ids.ts'
import type { Seat } from '../../../model/seat.ts'
import { type CopyView, count, type MapView, type OpenCopyView } from '../view/mapView.ts'
import type { MoveBudget } from './moveBudget.ts'

/**
 * Longest wait for a busy member, in ms. Shorter than the deadline of most merges: joining the party was the player's own wish, and until the move the party
 * plays apart.
 */
const WAIT_MS: DurationMs = 120_000
/** Before every instant. `perPlayerEvery` spares players moves that they did not ask for; only a retry pause separates two moves to the party. */
const NEVER: Instant = Number.NEGATIVE_INFINITY

/** The members of one party in one copy. */
interface PartyPart {
  copy: CopyView
  seats: Seat[]
}

/**
 * Brings together parties whose members are in several copies of one map: they made the party while they played, or there was no room for one of them before
 * (rule P1). All go to the copy that holds most of them; when it is full, to any copy that has room for all. The cost is one look at each party of each copy.
 */
export function gatherParties(view: MapView, moving: ReadonlySet<CharacterId>, budget: MoveBudget): void {
  if (view.usable.length + view.closing.length < 2) return
  for (const [party, copies] of partiesApart(view)) {
    const parts = copies.map((copy) => ({ copy, seats: [...copy.census.seats.values()].filter((seat) => seat.party === party) }))
    // Somebody enters, travels or is moved: a later round sees where they are then.
    if (parts.some(({ seats }) => seats.some(({ state, character }) => state !== 'taken' || moving.has(character)))) continue
    gather(view, party, parts, budget)
  }
}

function gather(view: MapView, party: PartyId, parts: readonly PartyPart[], budget: MoveBudget): void {
  const { map, policy, now, actions } = view
  const to = targetOf(view, parts)
  if (to === undefined) return
  for (const { copy: from, seats } of parts) {
    const characters = seats.map(({ character }) => character)
    if (from.id === to.id || to.players + seats.length > policy.capacity.hard || seats.length > budget.left(view)) continue
    if (!view.canMove(from.copy, to.copy) || !characters.every((character) => budget.allowsAgain(character, NEVER))) continue
    const wait = now + Math.min(policy.merge.deadlineMs, WAIT_MS)
    // A move out of a closing copy ends with that copy's deadline, so that a client that never follows is rescued and the copy ends (rule C2).
    const deadline = from.copy.state === 'closing' ? Math.min(wait, from.copy.deadline) : wait
    const why = `${count(seats.length, 'member')} of a party in ${from.id}, and the others go on in ${to.id}`
    actions.push({ type: 'move', map, from: from.id, to: to.id, party, characters, cause: 'merge', deadline, why })
    budget.spend(view, characters)
    to.players += seats.length
    from.players -= seats.length
  }
}

/** The open copy with most members that has room for all others of the party; else the fullest open copy with room for everybody. */
function targetOf({ usable, strained, policy: { capacity } }: MapView, parts: readonly PartyPart[]): OpenCopyView | undefined {
  const members = parts.reduce((sum, { seats }) => sum + seats.length, 0)
  const own = parts.toSorted((a, b) => b.seats.length - a.seats.length || (a.copy.id < b.copy.id ? -1 : 1))
  for (const { copy, seats } of own) {
    const open = usable.find(({ id }) => id === copy.id)
    if (open !== undefined && open.players + members - seats.length <= capacity.hard) return open
  }
  const others = usable.filter(({ id, players }) => !strained.has(id) && parts.every(({ copy }) => copy.id !== id) && players + members <= capacity.soft)
  return others.toSorted((a, b) => b.players - a.players || (a.id < b.id ? -1 : 1))[0]
}

/** Parties with members in several open or closing copies. */
function partiesApart({ usable, closing }: MapView): Map<PartyId, CopyView[]> {
  const first = new Map<PartyId, CopyView>()
  const apart = new Map<PartyId, CopyView[]>()
  for (const copy of [...usable, ...closing]) {
    for (const party of copy.census.parties.keys()) {
      const before = first.get(party)
      if (before === undefined) first.set(party, copy)
      else apart.set(party, [...(apart.get(party) ?? [before]), copy])
    }
  }
  return apart
}
