import type { DurationMs, Instant } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import type { CharacterId, GuildId, MapName } from '../../../model/ids.ts'
import { CONSTANTS, type Constants } from '../../../score/constants.ts'
import type { PlanMemory, ReunionCredit } from '../action.ts'
import { count, type MapView, type OpenCopyView } from '../view/mapView.ts'
import type { MoveBudget } from './moveBudget.ts'
import { type Group, groupsOf } from './moveParties.ts'

const HOUR_MS: DurationMs = 3_600_000
const MINUTE_MS: DurationMs = 60_000
/** Pause between two searches of one map. */
const SEARCH_EVERY_MS: DurationMs = 20_000
/** About the most seats that one round searches, so that its cost does not grow with the world (`bench/planner`). */
const SEATS_PER_ROUND = 5_000

/** Moves players who were placed apart from their guild, because its copy was full or closing, to the copy that holds most of the guild. */
export class GuildReunions {
  readonly #before: PlanMemory
  readonly #now: Instant
  /** Maps that this round has searched. */
  readonly #searched = new Set<MapName>()
  #credit: number
  #seats = 0

  constructor(before: PlanMemory, views: readonly MapView[], now: Instant, { creditHours } = CONSTANTS) {
    this.#before = before
    this.#now = now
    const { credit, at } = before.reunions ?? { credit: 0, at: now }
    const perHour = views.reduce((sum, { policy, players }) => sum + policy.moves.reunitePerPlayerHour * players, 0)
    const earned = (perHour * (now - at)) / HOUR_MS
    this.#credit = Math.min(credit + earned, Math.max(1, perHour * creditHours))
  }

  get after(): ReunionCredit {
    return { credit: this.#credit, at: this.#now }
  }

  /** When the map was last searched; undefined when it may be searched again. */
  searchedAt(map: MapName): Instant | undefined {
    if (this.#searched.has(map)) return this.#now
    const before = this.#before.maps.get(map)?.reunionsSearched
    return before === undefined || this.#now - before >= SEARCH_EVERY_MS ? undefined : before
  }

  /** Orders the moves of one map. Does nothing while players wait in line, because the map is opening copies then. */
  reunite(view: MapView, moving: ReadonlySet<CharacterId>, budget: MoveBudget): void {
    const { map, policy, usable, now } = view
    if (policy.moves.reunitePerPlayerHour === 0 || this.#credit < 1 || usable.length < 2 || view.waiting > 0 || this.#seats > SEATS_PER_ROUND) return
    if (this.searchedAt(map) !== undefined) return
    this.#searched.add(map)
    this.#seats += view.players
    for (const { from, to, group, gained } of findReunions(usable, now, view.constants.reunionGain * view.prices.move, view.constants)) {
      const size = group.seats.length
      if (!view.canMove(from.copy, to.copy) || view.strained.has(to.id)) continue
      // A smaller group further back may still be moved.
      if (size > this.#credit || size > budget.left(view)) continue
      if (to.players + size > Math.min(policy.capacity.hard, policy.capacity.soft + policy.capacity.company)) continue
      if (group.seats.some(({ character, state }) => state !== 'taken' || moving.has(character) || !budget.allows(character, view, now))) continue
      const characters = group.seats.map(({ character }) => character)
      const why = `${count(gained, 'guild-mate')} more for ${count(size, 'player')} in ${to.id} than in ${from.id}`
      const { party } = group
      const deadline = now + policy.merge.deadlineMs
      view.actions.push({ type: 'move', map, from: from.id, to: to.id, ...defined({ party }), characters, cause: 'reunite', deadline, why })
      budget.spend(view, characters)
      this.#credit -= size
      from.players -= size
      to.players += size
    }
  }
}

interface Reunion {
  from: OpenCopyView
  to: OpenCopyView
  group: Group
  /** Pairs of guild-mates that the move brings together, less those that it separates. */
  gained: number
  /** `gained` per moved player, weighted by how long they are expected to stay. */
  value: number
}

/** All moves that are worth it, best first. */
function findReunions(usable: readonly OpenCopyView[], now: Instant, gain: number, constants: Constants): Reunion[] {
  const { stayPerMinute, stayGrowsFromMs, stayGrowsUntilMs } = constants
  const longestStay = 1 + (stayPerMinute * (stayGrowsUntilMs - stayGrowsFromMs)) / MINUTE_MS
  const mainCopies = mainCopiesOf(usable)
  const found: Reunion[] = []
  for (const from of usable) {
    const split = [...from.census.guilds].some(([guild, members]) => (mainCopies.get(guild)?.members ?? 0) >= members + gain / longestStay)
    if (!split) continue
    for (const group of groupsOf(from)) {
      const best = bestReunion(group, from, mainCopies, (here) => expectedStay(here, now, constants))
      if (best !== undefined && best.value >= gain) found.push(best)
    }
  }
  return found.sort((a, b) => b.value - a.value || (key(a) < key(b) ? -1 : 1))
}

/** How long the group is expected to stay, relative to players who have just arrived (1). */
function expectedStay({ seats }: Group, now: Instant, { stayPerMinute, stayGrowsFromMs, stayGrowsUntilMs }: Constants): number {
  let sum = 0
  for (const seat of seats) {
    const here = seat.state === 'taken' ? Math.min(stayGrowsUntilMs, now - seat.since) : 0
    sum += 1 + (stayPerMinute * Math.max(0, here - stayGrowsFromMs)) / MINUTE_MS
  }
  return sum / seats.length
}

function key({ group }: Reunion): CharacterId {
  return group.seats[0]?.character ?? ''
}

type MainCopies = ReadonlyMap<GuildId, { copy: OpenCopyView; members: number }>

/** For each guild, the copy that holds most of its members. */
function mainCopiesOf(usable: readonly OpenCopyView[]): MainCopies {
  const mainCopies = new Map<GuildId, { copy: OpenCopyView; members: number }>()
  for (const copy of usable) {
    for (const [guild, members] of copy.census.guilds) {
      if (members > (mainCopies.get(guild)?.members ?? 0)) mainCopies.set(guild, { copy, members })
    }
  }
  return mainCopies
}

function bestReunion(group: Group, from: OpenCopyView, mainCopies: MainCopies, stayOf: (group: Group) => number): Reunion | undefined {
  const going = new Map<GuildId, number>()
  for (const { guild } of group.seats) if (guild !== undefined) going.set(guild, (going.get(guild) ?? 0) + 1)
  let best: Reunion | undefined
  for (const guild of going.keys()) {
    const to = mainCopies.get(guild)?.copy
    if (to === undefined || to === from) continue
    let gained = 0
    for (const [other, members] of going) {
      gained += members * ((to.census.guilds.get(other) ?? 0) - ((from.census.guilds.get(other) ?? 0) - members))
    }
    if (best === undefined || gained > best.gained) best = { from, to, group, gained, value: (gained / group.seats.length) * stayOf(group) }
  }
  return best
}
