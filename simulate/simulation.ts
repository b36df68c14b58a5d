import type { Census } from '../model/census.ts'
import type { Instant } from '../model/clock.ts'
import { closingCopy, openedCopy, reopenedCopy, withFairness } from '../model/copy.ts'
import { defined } from '../model/defined.ts'
import type { CharacterId, CopyId, MapName, ServerId } from '../model/ids.ts'
import type { PlacementMember, PlacementRequest } from '../model/placement/placement.ts'
import type { MapPolicy } from '../model/policy/policy.ts'
import type { Random } from '../model/random.ts'
import type { ServerReport } from '../model/server.ts'
import { type Action, emptyMemory, type PlanMemory } from '../orchestrator/plan/action.ts'
import { plan } from '../orchestrator/plan/plan.ts'
import type { Constants } from '../score/constants.ts'
import { type DaySums, type Score, scoreOf } from '../score/day/daySums.ts'
import { type Facts, Scorecard } from '../score/day/scorecard.ts'
import { type Ranker, type SeatContext, seatsFor } from '../score/seating/seatsFor.ts'
import { headPlaces, roundOf, turnOf, withoutSeat } from '../score/seating/turns.ts'
import { EventQueue } from './eventQueue.ts'
import type { EventLog } from './output/eventLog.ts'
import { type PlacerName, placerOf } from './placers.ts'
import type { Description, Step } from './population/course.ts'
import { Friendships } from './population/friendships.ts'
import { drawSteps } from './population/journeys.ts'
import { membersOf, withCompany } from './population/members.ts'
import { inferPeople } from './population/people.ts'
import { SAMPLE_SECONDS, type Trace } from './population/trace.ts'
import type { Sample } from './sample.ts'
import { mapsOf, requestFor, SERVER, type SimulatedMap, singleServer } from './simulatedMap.ts'

/**
 * Interval between plans, in seconds. Production plans every second. Copies take half a minute to open, so the longer interval only affects players in the
 * line; PLAN_FOR_WAITING_SECONDS covers them.
 */
const PLAN_SECONDS = 10
/** Delay, in seconds, of the extra plan when a line forms: one planning interval of production. */
const PLAN_FOR_WAITING_SECONDS = 1
/** Duration of a move, in seconds, from the order until the character is in the other copy. */
const MOVE_SECONDS = 2
/** Default of `warmUpSeconds`: an hour, because the day starts with empty copies. */
export const WARM_UP_SECONDS = 3600
/** Instant at which virtual time starts, in ms. Only differences matter. */
const EPOCH_MS: Instant = 1_000_000_000_000

export interface SimulationOptions {
  policies: ReadonlyMap<MapName, MapPolicy>
  random: Random
  bootSeconds: number
  /** Time between two plans; ten seconds by default. */
  planSeconds?: number
  /** Time at the start that is not scored; an hour by default. */
  warmUpSeconds?: number
  /** The production placer, or a baseline. */
  placer?: PlacerName
  /** Other constants of placement and planning than the shipped ones. */
  constants?: Constants
  log?: EventLog
  progress?: (share: number) => void
  /** Called every five minutes of virtual time. */
  sample?: (sample: Sample) => void
}

/** What the event queue holds: a plan, a copy that finishes opening, a move that arrives. */
type Due = { type: 'plan'; again: boolean } | { type: 'opened'; map: SimulatedMap; copy: CopyId } | PendingMove

/** One move between two copies that has been ordered and has not arrived. */
interface PendingMove {
  type: 'arrived'
  map: SimulatedMap
  from: CopyId
  to: CopyId
  avatars: number[]
}

export function simulate(trace: Trace, options: SimulationOptions): Score {
  return scoreOf(simulatedSums(trace, options))
}

/** The sums from which the score is computed, as a running world publishes them. */
export function simulatedSums(trace: Trace, options: SimulationOptions): DaySums {
  return new Simulation(trace, options).run()
}

class Simulation {
  readonly #options: SimulationOptions
  readonly #steps: Step[]
  readonly #end: number
  readonly #members: PlacementMember[]
  /** The same by character, for the planner; the reconciler reads them from the store for the few who may be moved. */
  readonly #people: Map<CharacterId, PlacementMember>
  readonly #party: (string | undefined)[]
  readonly #facts: Facts[] = []
  readonly #epochMs: Instant
  readonly #index = new Map<CharacterId, number>()
  readonly #score: Scorecard
  readonly #friendships: Friendships
  readonly #maps: readonly SimulatedMap[]
  readonly #byZone = new Map<number, SimulatedMap>()
  readonly #byName = new Map<MapName, SimulatedMap>()
  readonly #events = new EventQueue<Due>()
  readonly #whereabouts = new Map<CharacterId, { map: MapName; copy: CopyId }>()
  readonly #servers: ReadonlyMap<ServerId, ServerReport>
  readonly #ranker: Ranker
  readonly #moving = new Map<CharacterId, PendingMove>()
  readonly #waiting = new Map<number, { map: SimulatedMap; ticket: string }>()
  readonly #census: Census
  #memory: PlanMemory = emptyMemory
  #now = -SAMPLE_SECONDS
  #copySerial = 0
  #moves = 0

  constructor(trace: Trace, options: SimulationOptions) {
    this.#options = options
    this.#ranker = placerOf(options.placer ?? 'strata', options.random)
    const people = trace.recorded?.people ?? inferPeople(trace, options.random)
    this.#steps = trace.recorded?.steps ?? drawSteps(trace, people, options.random)
    this.#end = trace.recorded?.seconds ?? trace.samples * SAMPLE_SECONDS
    this.#epochMs = trace.recorded?.start ?? EPOCH_MS
    this.#members = membersOf(trace, people)
    this.#people = new Map(this.#members.map((member) => [member.holder.character, member]))
    this.#party = this.#members.map(({ holder }) => holder.party)
    for (const [index, { id }] of trace.avatars.entries()) this.#index.set(id, index)
    this.#servers = singleServer()
    this.#maps = mapsOf(trace, options.policies, this.#whereabouts)
    for (const map of this.#maps) {
      this.#byZone.set(map.zone, map)
      this.#byName.set(map.name, map)
    }
    const maps = new Map(this.#maps.map(({ name, census }) => [name, census]))
    this.#census = { at: 0, maps, servers: this.#servers, whereabouts: this.#whereabouts }
    this.#score = new Scorecard(options.warmUpSeconds ?? WARM_UP_SECONDS)
    this.#friendships = new Friendships(this.#score.friends)
    for (const { policy } of this.#maps) this.#score.addMap(policy.capacity.hard)
    for (const [index, { guild }] of trace.avatars.entries()) {
      this.#facts.push({ guild, party: (people.party[index] ?? -1) + 1, language: people.language[index] ?? 0 })
      this.#score.friends[index] = people.friends[index] ?? []
      this.#score.describe(index, this.#factsOf(index))
    }
  }

  run(): DaySums {
    this.#events.add(this.#now - this.#options.bootSeconds - this.#planSeconds, { type: 'plan', again: true })
    let next = 0
    let sampled = 0
    for (;;) {
      const step = this.#steps[next]
      const dueAt = this.#events.nextAt
      if (step !== undefined && step.at < dueAt) {
        if (step.at >= this.#end) break
        this.#advance(step.at)
        next += this.#travel(next)
      } else {
        if (dueAt >= this.#end) break
        this.#advance(dueAt)
        const due = this.#events.take()
        if (due !== undefined) this.#handle(due)
      }
      if (this.#now >= sampled) {
        this.#options.sample?.({ at: sampled, players: this.#whereabouts.size, copies: this.#openCopies(), moves: this.#moves, waiting: this.#waiting.size })
        this.#options.progress?.(this.#now / this.#end)
        sampled += 300
      }
    }
    this.#advance(this.#end)
    return this.#score.sums()
  }

  #advance(at: number): void {
    this.#now = at
    this.#score.advance(at)
  }

  get #planSeconds(): number {
    return this.#options.planSeconds ?? PLAN_SECONDS
  }

  get #nowMs(): Instant {
    return this.#epochMs + this.#now * 1000
  }

  #openCopies(): number {
    return this.#maps.reduce((sum, { copies }) => sum + copies.size, 0)
  }

  // --- players ---------------------------------------------------------------------------------------------------

  /**
   * Carries out the step at index `first`, together with the same steps that party members make at the same moment. Returns the number of steps carried out.
   */
  #travel(first: number): number {
    const step = this.#steps[first]
    if (step === undefined) return 1
    if (step.description !== undefined || step.friends !== undefined) {
      if (step.description !== undefined) this.#describe(step.avatar, step.description)
      if (step.friends !== undefined) this.#arrives(step.avatar, step.friends)
      return 1
    }
    const party = this.#party[step.avatar]
    const group = [step]
    for (let i = first + 1; party !== undefined; i++) {
      const other = this.#steps[i]
      if (
        other === undefined ||
        other.at !== step.at ||
        other.from !== step.from ||
        other.to !== step.to ||
        other.description !== undefined ||
        other.friends !== undefined ||
        this.#party[other.avatar] !== party
      )
        break
      group.push(other)
    }
    for (const { avatar, logout } of group) this.#leave(avatar, logout ? 'logout' : 'travel')
    const map = step.to === undefined ? undefined : this.#byZone.get(step.to)
    if (map !== undefined) {
      this.#enter(
        map,
        group.map(({ avatar }) => avatar),
        step.login ? 'login' : 'travel',
      )
    }
    return group.length
  }

  /** The character joins or leaves a guild or a party, in the world or not. */
  #describe(avatar: number, { guild, party }: Description): void {
    const [member, facts] = [this.#members[avatar], this.#facts[avatar]]
    if (member === undefined || facts === undefined) return
    const described = withCompany(member, { guild, party })
    this.#members[avatar] = described
    this.#people.set(described.holder.character, described)
    this.#party[avatar] = described.holder.party
    this.#facts[avatar] = { ...facts, guild, party: party + 1 }
    this.#score.describe(avatar, this.#factsOf(avatar))
    const place = this.#whereabouts.get(described.holder.character)
    const map = place === undefined ? undefined : this.#byName.get(place.map)
    for (const copy of map?.census.seated.get(described.holder.character) ?? []) map?.ledger.describeSeats(copy, [described.holder])
  }

  /** A recorded visit begins: from now on its friends count, and are company for the placement. */
  #arrives(avatar: number, friends: readonly number[]): void {
    for (const changed of this.#friendships.arrives(avatar, friends)) {
      const member = this.#members[changed]
      if (member === undefined) continue
      const known = { ...member, friends: new Set(this.#score.friends[changed]?.map((friend) => this.#character(friend))) }
      this.#members[changed] = known
      this.#people.set(known.holder.character, known)
    }
  }

  #factsOf(avatar: number): Facts {
    return this.#facts[avatar] ?? { guild: 0, party: 0, language: 0 }
  }

  #enter(map: SimulatedMap, avatars: number[], cause: string): void {
    const request = requestFor(
      map,
      avatars.flatMap((avatar) => this.#members[avatar] ?? []),
    )
    const copy = this.#place(map, request)
    if (copy !== undefined) {
      this.#seat(map, avatars, copy, cause)
      return
    }
    const ticket = `${map.name}-${++map.serial}`
    const holders = request.members.map(({ holder }) => holder)
    map.ledger.joinLine({ id: ticket, map: map.name, rank: 0, arrived: this.#nowMs, holders, keepUntil: Number.MAX_SAFE_INTEGER }, Number.MAX_SAFE_INTEGER)
    map.line.set(ticket, { ...request, avatars, cause })
    for (const avatar of avatars) {
      this.#waiting.set(avatar, { map, ticket })
      this.#write(avatar, map, { event: 'wait', copy: '', cause })
    }
    this.#score.waits(map.index, map.census.waiting)
    if (map.census.waiting === 1) this.#events.add(this.#now + PLAN_FOR_WAITING_SECONDS, { type: 'plan', again: false })
  }

  /** Takes the best seat that still fits. */
  #place(map: SimulatedMap, request: PlacementRequest): CopyId | undefined {
    const { seats } = seatsFor(request, this.#seatContext(map), this.#ranker)
    return seats === undefined ? undefined : map.ledger.holdSeats(seats)
  }

  #seatContext({ policy, census }: SimulatedMap): SeatContext {
    return { policy, census: this.#census, map: census, now: this.#nowMs, holdMs: policy.seatHoldMs, ...defined({ constants: this.#options.constants }) }
  }

  #seat(map: SimulatedMap, avatars: readonly number[], copy: CopyId, cause: string): void {
    this.#completeMoves(this.#party[avatars[0] ?? -1], copy)
    for (const avatar of avatars) {
      map.ledger.takeSeat(copy, this.#character(avatar), this.#nowMs)
      this.#score.entered(avatar, map.index, map.copies.get(copy) ?? -1)
      this.#write(avatar, map, { event: 'enter', copy, cause })
    }
  }

  /** Completes the moves of this party into `copy` now. A member who enters the destination takes as long as the move does, so that the party is together. */
  #completeMoves(party: string | undefined, copy: CopyId): void {
    if (party === undefined) return
    for (const move of new Set(this.#moving.values())) if (move.to === copy && move.avatars.some((other) => this.#party[other] === party)) this.#arrived(move)
  }

  #leave(avatar: number, cause: string): void {
    const character = this.#character(avatar)
    const waiting = this.#waiting.get(avatar)
    if (waiting !== undefined) this.#leaveLine(avatar, waiting, cause)
    const place = this.#whereabouts.get(character)
    const map = place === undefined ? undefined : this.#byName.get(place.map)
    if (place === undefined || map === undefined) return
    this.#score.left(avatar)
    this.#write(avatar, map, { event: 'leave', copy: place.copy, cause })
    const seatedIn = this.#moving.delete(character) ? [...map.copies.keys()] : [place.copy]
    for (const copy of seatedIn) {
      const seat = map.census.copies.get(copy)?.seats.get(character)
      if (seat?.state === 'held') map.ledger.giveBackSeat(copy, character, seat.deadline)
      else map.ledger.freeSeat(copy, character)
    }
    for (const copy of seatedIn) this.#removeIfEmpty(map, copy)
    this.#promote(map)
  }

  #leaveLine(avatar: number, { map, ticket }: { map: SimulatedMap; ticket: string }, cause: string): void {
    const entry = map.line.get(ticket)
    this.#waiting.delete(avatar)
    map.ledger.leaveLine(ticket)
    map.line.delete(ticket)
    this.#write(avatar, map, { event: 'leave', copy: '', cause })
    const rest = entry?.avatars.filter((other) => other !== avatar) ?? []
    for (const other of rest) this.#waiting.delete(other)
    this.#score.waits(map.index, map.census.waiting)
    // The rest of the party enters the line again without the member who left.
    if (rest.length > 0) this.#enter(map, rest, entry?.cause ?? 'travel')
  }

  /** Gives seats to players in the line, in order. */
  #promote(map: SimulatedMap): void {
    if (map.census.waiting === 0) return
    const round = roundOf(map.ledger.line.head(headPlaces(map.policy)), map.census, map.policy)
    for (const entry of round.next) {
      const request = map.line.get(entry.id)
      if (request === undefined) continue
      const { ranking, seats } = turnOf(request, this.#seatContext(map), round, this.#ranker)
      const copy = seats === undefined ? undefined : map.ledger.promote(entry, seats, round.passing)
      if (copy === undefined) {
        if (withoutSeat(entry, ranking, map.policy, round) === 'waits') break
        continue
      }
      map.line.delete(entry.id)
      for (const avatar of request.avatars) this.#waiting.delete(avatar)
      this.#seat(map, request.avatars, copy, request.cause)
    }
    this.#score.waits(map.index, map.census.waiting)
  }

  #character(avatar: number): CharacterId {
    return this.#members[avatar]?.holder.character ?? ''
  }

  // --- copies ---------------------------------------------------------------------------------------------------

  #handle(due: Due): void {
    if (due.type === 'plan') this.#plan(due.again)
    else if (due.type === 'opened') this.#opened(due.map, due.copy)
    else this.#arrived(due)
  }

  #plan(again: boolean): void {
    const now = this.#nowMs
    const { actions, memory } = plan({
      census: this.#census,
      policies: this.#options.policies,
      fleets: new Map(),
      draining: new Set(),
      moving: new Set(this.#moving.keys()),
      people: this.#people,
      memory: this.#memory,
      now,
      ...defined({ constants: this.#options.constants }),
    })
    this.#memory = memory
    for (const action of actions) this.#apply(action)
    if (again) this.#events.add(this.#now + this.#planSeconds, { type: 'plan', again })
  }

  #apply(action: Action): void {
    if (action.type === 'scale') return
    const map = this.#byName.get(action.map)
    if (map === undefined) return
    if (action.type === 'open') this.#open(map)
    else if (action.type === 'move') this.#move(map, action)
    else this.#changeCopy(map, action)
  }

  #changeCopy(map: SimulatedMap, action: Exclude<Action, { type: 'open' | 'move' | 'scale' }>): void {
    const copy = map.census.copies.get(action.copy)?.copy
    if (action.type === 'close' && copy?.state === 'open') {
      map.ledger.changeCopy(closingCopy(copy, action, this.#nowMs), 'open')
      this.#removeIfEmpty(map, copy.id)
    } else if (action.type === 'rules' && copy !== undefined) map.ledger.changeCopy(withFairness(copy, action.fairness), copy.state)
    else if (action.type === 'retarget' && copy?.state === 'closing') map.ledger.changeCopy({ ...copy, successors: action.successors }, 'closing')
    else if (action.type === 'reopen' && copy?.state === 'closing') {
      map.ledger.changeCopy(reopenedCopy(copy, this.#nowMs), 'closing')
      this.#promote(map)
    }
  }

  #open(map: SimulatedMap): void {
    const id = `${map.name}-${++map.serial}`
    map.ledger.addCopy({ id, map: map.name, server: SERVER, state: 'opening', created: this.#nowMs, since: this.#nowMs })
    this.#events.add(this.#now + this.#options.bootSeconds, { type: 'opened', map, copy: id })
  }

  #opened(map: SimulatedMap, id: CopyId): void {
    const copy = map.census.copies.get(id)?.copy
    if (copy?.state !== 'opening') return
    map.ledger.changeCopy(openedCopy(copy, 'ws://server', this.#nowMs), 'opening')
    map.copies.set(id, ++this.#copySerial)
    this.#score.opened(map.index, this.#copySerial)
    this.#options.log?.write({ seconds: this.#now, event: 'open', character: '', map: map.zone, copy: id, cause: '' })
    this.#promote(map)
  }

  #removeIfEmpty(map: SimulatedMap, id: CopyId): void {
    const replica = map.census.copies.get(id)
    if (replica?.copy.state !== 'closing' || replica.seats.size > 0) return
    this.#options.log?.write({ seconds: this.#now, event: 'close', character: '', map: map.zone, copy: id, cause: replica.copy.reason })
    map.ledger.removeCopy(id)
    this.#score.closed(map.index, map.copies.get(id) ?? -1)
    map.copies.delete(id)
  }

  #move(map: SimulatedMap, { from, to, characters }: Action & { type: 'move' }): void {
    const seats = characters.flatMap((character) => map.census.copies.get(from)?.seats.get(character) ?? [])
    const [now, deadline] = [this.#nowMs, this.#nowMs + 60_000]
    if (map.ledger.holdSeats({ map: map.name, holders: seats, options: [{ copy: to, limit: map.policy.capacity.hard }], now, deadline }) === undefined) return
    const avatars = characters.flatMap((character) => this.#index.get(character) ?? [])
    const move: PendingMove = { type: 'arrived', map, from, to, avatars }
    for (const character of characters) this.#moving.set(character, move)
    this.#events.add(this.#now + MOVE_SECONDS, move)
  }

  #arrived(move: PendingMove): void {
    const { map, from, to, avatars } = move
    for (const avatar of avatars) {
      const character = this.#character(avatar)
      if (this.#moving.get(character) !== move) continue
      this.#moving.delete(character)
      map.ledger.takeSeat(to, character, this.#nowMs)
      map.ledger.freeSeat(from, character)
      this.#score.moved(avatar, map.copies.get(to) ?? -1)
      this.#moves++
      this.#write(avatar, map, { event: 'move', copy: to, cause: 'merge' })
    }
    this.#removeIfEmpty(map, from)
    this.#promote(map)
  }

  #write(avatar: number, map: SimulatedMap, change: { event: 'enter' | 'move' | 'leave' | 'wait'; copy: CopyId; cause: string }): void {
    this.#options.log?.write({ seconds: this.#now, character: this.#character(avatar), map: map.zone, ...change })
  }
}
