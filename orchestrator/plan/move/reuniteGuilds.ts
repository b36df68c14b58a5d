import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId, GuildId, MapName } from '../../../model/ids.ts'
import type { Reunions } from '../action.ts'
import { count, type MapView, type OpenStanding } from '../view/mapView.ts'
import type { MoveBudget } from './moveBudget.ts'
import { type Group, groupsOf } from './moveParties.ts'

const HOUR_MS: DurationMs = 3_600_000
/** A map is looked over so often; a round looks over so many seats at most, however large the world (bench planner). */
const EVERY_MS: DurationMs = 20_000
const SEATS_A_ROUND = 5_000
/** Credit is not saved for longer than a bad quarter of an hour needs. */
const MOST_CREDIT_HOURS = 0.25
/** A move is worth it when each of those moved meets so many more of their guild than they leave; fewer, the longer they will be there. */
const MATES_GAINED = 11.7
/**
 * Who has been on a map for long stays for long: after ten minutes people stay for 21 more on average, after an hour for 45 (recorded day).
 * So every minute from the tenth to the sixtieth makes a move worth so much more.
 */
const WORTH_A_MINUTE = 0.06
const [SETTLES_MS, SETTLED_MS]: [DurationMs, DurationMs] = [600_000, 3_600_000]
const MOST_WORTH = 1 + (WORTH_A_MINUTE * (SETTLED_MS - SETTLES_MS)) / 60_000

/** Brings those few who were seated apart from their guild, because its copy was full or closing then, to where most of it is. */
export class GuildReunions {
  readonly #now: Instant
  readonly #looked: Map<MapName, Instant>
  #credit: number
  #seats = 0

  constructor(before: Reunions | undefined, views: readonly MapView[], now: Instant) {
    this.#now = now
    this.#looked = new Map(before?.looked)
    const perHour = views.reduce((sum, { policy, players }) => sum + policy.moves.reunitePerPlayerHour * players, 0)
    const earned = (perHour * (now - (before?.at ?? now))) / HOUR_MS
    this.#credit = Math.min((before?.credit ?? 0) + earned, Math.max(1, perHour * MOST_CREDIT_HOURS))
  }

  get after(): Reunions {
    return { credit: this.#credit, at: this.#now, looked: this.#looked }
  }

  /** Not while a map opens or closes copies under pressure: what is torn then is not torn for long. */
  look(view: MapView, moving: ReadonlySet<CharacterId>, budget: MoveBudget): void {
    const { map, policy, usable, now } = view
    if (policy.moves.reunitePerPlayerHour === 0 || this.#credit < 1 || usable.length < 2 || view.waiting > 0 || this.#seats > SEATS_A_ROUND) return
    if (now - (this.#looked.get(map) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return
    this.#looked.set(map, now)
    this.#seats += view.players
    for (const { from, to, group, gained } of reunions(usable, now)) {
      const size = group.seats.length
      if (!view.canGo(from.copy, to.copy)) continue
      if (size > this.#credit || size > budget.left(policy)) return
      if (to.players + size > Math.min(policy.capacity.hard, policy.capacity.soft + policy.capacity.company)) continue
      if (group.seats.some(({ character, state }) => state !== 'taken' || moving.has(character) || !budget.allows(character, policy, now))) continue
      const characters = group.seats.map(({ character }) => character)
      const why = `${count(gained, 'guild-mate')} more for ${count(size, 'player')} in ${to.id} than in ${from.id}`
      const party = group.party === undefined ? {} : { party: group.party }
      view.actions.push({ type: 'move', map, from: from.id, to: to.id, ...party, characters, cause: 'merge', deadline: now + policy.merge.deadlineMs, why })
      budget.spend(policy, characters)
      this.#credit -= size
      from.players -= size
      to.players += size
    }
  }
}

interface Reunion {
  from: OpenStanding
  to: OpenStanding
  group: Group
  /** Pairs that meet, less those that part. */
  gained: number
  /** The same for each who is moved, by how long they will be there. */
  worth: number
}

/** Best first. */
function reunions(usable: readonly OpenStanding[], now: Instant): Reunion[] {
  const homes = homesOf(usable)
  const found: Reunion[] = []
  for (const from of usable) {
    const torn = [...from.census.guilds].some(([guild, members]) => (homes.get(guild)?.members ?? 0) >= members + MATES_GAINED / MOST_WORTH)
    if (!torn) continue
    for (const group of groupsOf(from)) {
      const best = bestFor(group, from, homes, now)
      if (best !== undefined && best.worth >= MATES_GAINED) found.push(best)
    }
  }
  return found.sort((a, b) => b.worth - a.worth || (key(a) < key(b) ? -1 : 1))
}

/** How long they will be there, on average: 1 for who has just come. */
function stayOf({ seats }: Group, now: Instant): number {
  let sum = 0
  for (const seat of seats) {
    const here = seat.state === 'taken' ? Math.min(SETTLED_MS, now - seat.since) : 0
    sum += 1 + (WORTH_A_MINUTE * Math.max(0, here - SETTLES_MS)) / 60_000
  }
  return sum / seats.length
}

function key({ group }: Reunion): CharacterId {
  return group.seats[0]?.character ?? ''
}

/** Where most of each guild is. */
function homesOf(usable: readonly OpenStanding[]): Map<GuildId, { in: OpenStanding; members: number }> {
  const homes = new Map<GuildId, { in: OpenStanding; members: number }>()
  for (const standing of usable) {
    for (const [guild, members] of standing.census.guilds) {
      if (members > (homes.get(guild)?.members ?? 0)) homes.set(guild, { in: standing, members })
    }
  }
  return homes
}

function bestFor(group: Group, from: OpenStanding, homes: ReadonlyMap<GuildId, { in: OpenStanding; members: number }>, now: Instant): Reunion | undefined {
  const going = new Map<GuildId, number>()
  for (const { guild } of group.seats) if (guild !== undefined) going.set(guild, (going.get(guild) ?? 0) + 1)
  let best: Reunion | undefined
  for (const guild of going.keys()) {
    const to = homes.get(guild)?.in
    if (to === undefined || to === from) continue
    let gained = 0
    for (const [other, members] of going) {
      gained += members * ((to.census.guilds.get(other) ?? 0) - ((from.census.guilds.get(other) ?? 0) - members))
    }
    if (best === undefined || gained > best.gained) best = { from, to, group, gained, worth: (gained / group.seats.length) * stayOf(group, now) }
  }
  return best
}
