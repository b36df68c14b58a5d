import type { Census, CopyCensus, MapCensus } from '../../../model/census.ts'
import type { Instant } from '../../../model/clock.ts'
import { type Copy, closingCopy, openedCopy, reopenedCopy, withFairness } from '../../../model/copy.ts'
import { defined } from '../../../model/defined.ts'
import type { CharacterId, CopyId, PartyId, ServerId } from '../../../model/ids.ts'
import { admits } from '../../../model/load.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import type { Seat } from '../../../model/seat.ts'
import type { ServerReport } from '../../../model/server.ts'
import type { People } from '../../../score/people.ts'
import { type Action, emptyMemory, type FleetCensus, type PlanInput, type PlanMemory } from '../action.ts'
import { plan } from '../plan.ts'

type Count = Map<string, number>
interface ToyCopy extends CopyCensus {
  seats: Map<CharacterId, Seat>
  parties: Count
  guilds: Count
  languages: Count
}

export interface Person {
  character: CharacterId
  guild?: string
  party?: PartyId
  language?: string
}

/** A world of one map that carries out each plan, for the planner's tests. Copies open after `bootMs`; moves take one round. */
export class ToyWorld {
  readonly policy: MapPolicy
  now: Instant = 1_000_000
  waiting = 0
  memory: PlanMemory = emptyMemory
  fleet: FleetCensus = { ready: 1, allocated: 1, starting: 0, lost: 0, roomsPerServer: 10_000 }
  readonly copies = new Map<CopyId, ToyCopy>()
  readonly servers = new Map<ServerId, ServerReport>()
  readonly draining = new Set<ServerId>()
  readonly moving = new Set<CharacterId>()
  /** What the planner gets to know of the people of each character. */
  readonly people = new Map<CharacterId, People>()
  /** All moves, in order. `closing`: the source was a closing copy. */
  readonly moved: { character: CharacterId; at: Instant; cause: string; closing: boolean }[] = []
  readonly #bootMs: number
  #serial = 0

  constructor(policy: MapPolicy, bootMs = 2_000) {
    this.policy = policy
    this.#bootMs = bootMs
    this.addServer('s1')
  }

  addServer(id: ServerId): void {
    const report = { id, fleet: this.policy.fleet, address: `ws://${id}`, rooms: 10_000, protocol: { min: 1, max: 1 }, draining: false, beat: this.now }
    this.servers.set(id, report)
  }

  addCopy(people: readonly Person[] = [], server = 's1', since = this.now): CopyId {
    const id = `c${++this.#serial}`
    const copy: Copy = { id, map: this.policy.map, server, state: 'open', address: 'ws://x', created: since, since }
    this.copies.set(id, { copy, seats: new Map(), parties: new Map(), guilds: new Map(), languages: new Map() })
    for (const person of people) this.seat(id, person)
    return id
  }

  seat(id: CopyId, { character, guild, party, language = 'en' }: Person): void {
    const seat: Seat = {
      character,
      entity: 1,
      name: character,
      language,
      state: 'taken',
      since: this.now,
      ...defined({ guild, party }),
    }
    const copy = this.copy(id)
    copy.seats.set(character, seat)
    countCompany(copy, seat, 1)
  }

  leave(character: CharacterId): void {
    for (const copy of this.copies.values()) {
      const seat = copy.seats.get(character)
      if (seat === undefined) continue
      copy.seats.delete(character)
      countCompany(copy, seat, -1)
    }
  }

  copy(id: CopyId): ToyCopy {
    const copy = this.copies.get(id)
    if (copy === undefined) throw new Error(`no copy ${id}`)
    return copy
  }

  get players(): number {
    return [...this.copies.values()].reduce((sum, { seats }) => sum + seats.size, 0)
  }

  input(): PlanInput {
    const { policy, now, waiting, memory, draining, moving, people } = this
    const whereabouts = new Map<CharacterId, { map: string; copy: CopyId }>()
    for (const [copy, { seats }] of this.copies) for (const character of seats.keys()) whereabouts.set(character, { map: policy.map, copy })
    const ofMap: MapCensus = { map: policy.map, copies: this.copies, waiting }
    const census: Census = { at: now, maps: new Map([[policy.map, ofMap]]), servers: this.servers, whereabouts }
    return { census, policies: new Map([[policy.map, policy]]), fleets: new Map([[policy.fleet, this.fleet]]), draining, moving, people, memory, now }
  }

  /** Advances the clock; servers report, openings finish, empty closing copies are removed, and a plan is made and carried out. Returns its actions. */
  round(stepMs = 1_000): Action[] {
    this.now += stepMs
    for (const [id, report] of this.servers) this.servers.set(id, { ...report, beat: this.now })
    for (const [id, toyCopy] of this.copies) {
      const { copy, seats } = toyCopy
      if (copy.state === 'opening' && this.now - copy.since >= this.#bootMs) toyCopy.copy = openedCopy(copy, 'ws://x', this.now)
      if (copy.state === 'closing' && seats.size === 0) this.copies.delete(id)
    }
    const { actions, memory } = plan(this.input())
    this.memory = memory
    for (const action of actions) this.apply(action)
    return actions
  }

  apply(action: Action): void {
    if (action.type === 'open') this.#open()
    if (action.type === 'move') this.#move(action)
    if (action.type === 'open' || action.type === 'move' || action.type === 'scale') return
    const toyCopy = this.copies.get(action.copy)
    if (toyCopy === undefined) return
    const { copy } = toyCopy
    if (action.type === 'lose') this.copies.delete(action.copy)
    else if (action.type === 'close' && copy.state === 'open') toyCopy.copy = closingCopy(copy, action, this.now)
    else if (action.type === 'close' && copy.state === 'opening') this.copies.delete(action.copy)
    else if (action.type === 'retarget' && copy.state === 'closing') toyCopy.copy = { ...copy, successors: action.successors }
    else if (action.type === 'rules') toyCopy.copy = withFairness(copy, action.fairness)
    else if (action.type === 'reopen' && copy.state === 'closing') toyCopy.copy = reopenedCopy(copy, this.now)
  }

  #open(): void {
    const server = [...this.servers.values()].find((report) => !this.draining.has(report.id) && admits(report))?.id
    if (server === undefined) return
    const id = this.addCopy([], server)
    const { map, created, since } = this.copy(id).copy
    this.copy(id).copy = { id, map, created, since, server, state: 'opening' }
  }

  #move({ from, to, characters, cause }: Action & { type: 'move' }): void {
    const closing = this.copy(from).copy.state === 'closing'
    for (const character of characters) {
      const seat = this.copy(from).seats.get(character)
      if (seat === undefined) throw new Error(`${character} is not in ${from}`)
      this.leave(character)
      this.seat(to, seat)
      this.moved.push({ character, at: this.now, cause, closing })
    }
  }
}

function countCompany({ parties, guilds, languages }: ToyCopy, { party, guild, language }: Seat, n: number): void {
  for (const [counts, key] of [
    [parties, party],
    [guilds, guild],
    [languages, language],
  ] as const) {
    if (key === undefined) continue
    const after = (counts.get(key) ?? 0) + n
    if (after === 0) counts.delete(key)
    else counts.set(key, after)
  }
}
