import { generateKeyPair } from 'jose'
import { MapReplica, type Whereabouts } from '../../../directory/mapReplica.ts'
import { MemoryDirectory } from '../../../directory/memory.ts'
import type { Census, MapCensus } from '../../../model/census.ts'
import { VirtualClock } from '../../../model/clock.ts'
import type { Copy } from '../../../model/copy.ts'
import { defined } from '../../../model/defined.ts'
import type { MapName, PartyId, ServerId } from '../../../model/ids.ts'
import type { Decision } from '../../../model/placement/decision.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import { toMapPolicy } from '../../../model/policy/policy.ts'
import { mapPolicySchema } from '../../../model/policy/schema.ts'
import { createLogger } from '../../../service/log.ts'
import type { MemoryFleets } from '../../../test/contract/memoryFleets.ts'
import { type Action, emptyMemory, type Plan, type PlanInput } from '../../plan/action.ts'
import { Reconciler } from '../reconciler.ts'
import type { ReconcilerParts } from '../round.ts'
import { serversWork } from './serversWork.ts'

/** A policy with small caps. `spec`: policy fields in the form of the YAML file. */
export function policy(map: MapName, spec: Record<string, unknown> = {}): MapPolicy {
  const document = {
    apiVersion: 'strata.dev/v1alpha1',
    kind: 'MapPolicy',
    metadata: { name: map },
    spec: { fleet: 'overworld', capacity: { soft: 8, hard: 10, company: 2 }, ...spec },
  }
  return toMapPolicy(mapPolicySchema.parse(document), `${map}-v1`)
}

/** The reconciler in virtual time, over a directory and fleets in memory and simulated game servers. */
export class World {
  readonly clock = new VirtualClock(1_700_000_000_000)
  readonly directory = new MemoryDirectory()
  readonly fleets: MemoryFleets
  readonly decisions: Decision[] = []
  readonly failures: string[] = []
  readonly policies = new Map<MapName, MapPolicy>()
  /** The planner of the next rounds: a stub or the real one. */
  planner: (input: PlanInput) => Plan
  inputs: PlanInput[] = []
  reconciler: Reconciler
  readonly parts: ReconcilerParts
  #census: Census = { at: 0, maps: new Map(), servers: new Map(), whereabouts: new Map() }
  #ids = 0

  private constructor(fleets: MemoryFleets, policies: MapPolicy[], ticketKey: ReconcilerParts['ticketKey'], planner: (input: PlanInput) => Plan) {
    this.fleets = fleets
    this.planner = planner
    for (const one of policies) this.policies.set(one.map, one)
    this.parts = {
      directory: this.directory,
      fleets,
      census: () => this.#census,
      policies: () => this.policies,
      decisions: { add: (decision) => void this.decisions.push(decision) },
      ticketKey,
      holderKeys: async (characters) => new Map(characters.map((character) => [character, null])),
      clock: this.clock,
      newId: () => `id-${++this.#ids}`,
      plan: (input) => {
        this.inputs.push(input)
        return this.planner(input)
      },
      log: createLogger('test', 'silent'),
      observer: { planned: () => {}, applied: () => {}, moveOrdered: () => {}, failed: (action) => void this.failures.push(action) },
    }
    this.reconciler = new Reconciler(this.parts)
  }

  static async of(fleets: MemoryFleets, policies: MapPolicy[], planner?: (input: PlanInput) => Plan): Promise<World> {
    const { privateKey } = await generateKeyPair('EdDSA')
    return new World(fleets, policies, privateKey, planner ?? (() => ({ actions: [], memory: emptyMemory })))
  }

  /** Runs a round whose plan is exactly these actions. Later rounds plan nothing. */
  async apply(...actions: Action[]): Promise<void> {
    this.planner = () => ({ actions, memory: emptyMemory })
    await this.round()
    this.planner = () => ({ actions: [], memory: emptyMemory })
  }

  /** Opens `count` copies of `forest`. */
  async forest(count: number): Promise<(Copy & { state: 'open' })[]> {
    await this.apply(...Array.from({ length: count }, (): Action => ({ type: 'open', map: 'forest', why: 'a crowd is coming' })))
    await this.serversWork()
    await this.round()
    this.decided()
    const copies = await this.copies('forest')
    return copies.filter((copy) => copy.state === 'open')
  }

  /** Runs one round on the newest census, `afterMs` after the last one. */
  async round(afterMs = 0): Promise<void> {
    this.clock.advance(afterMs)
    await this.refresh()
    await this.reconciler.round(AbortSignal.timeout(10_000))
  }

  /** Copies the directory into the census, as a replica does with a delay. */
  async refresh(): Promise<void> {
    const maps = new Map<MapName, MapCensus>()
    const whereabouts: Whereabouts = new Map()
    for (const map of await this.directory.maps()) {
      const replica = new MapReplica(await this.directory.snapshot(map))
      replica.publishTo(whereabouts)
      maps.set(map, replica)
    }
    const servers = new Map((await this.directory.servers()).map((report) => [report.id, report]))
    this.#census = { at: this.clock.now(), maps, servers, whereabouts }
  }

  /** All game servers report and open their opening copies. */
  async serversWork(except: (server: ServerId) => boolean = () => false): Promise<void> {
    const working = [...this.fleets.servers.values()].filter(({ id }) => !except(id))
    await serversWork(this.directory, working, this.clock.now())
  }

  async copies(map?: MapName): Promise<Copy[]> {
    const maps = map === undefined ? await this.directory.maps() : [map]
    const all = await Promise.all(maps.map((name) => this.directory.snapshot(name)))
    return all.flatMap(({ copies }) => copies).sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** Gives the characters taken seats and presence in a copy. */
  async enter(copy: Copy, characters: string[], party?: PartyId): Promise<void> {
    const now = this.clock.now()
    const holders = characters.map((character, entity) => ({
      character,
      entity: entity + 1,
      name: character,
      language: 'en',
      ...defined({ party }),
    }))
    const held = await this.directory.holdSeats({ map: copy.map, holders, options: [{ copy: copy.id, limit: 100 }], now, deadline: now + 5_000 })
    if (held === undefined) throw new Error(`no room in ${copy.id}`)
    for (const character of characters) {
      await this.directory.takeSeat(copy.map, copy.id, character, now)
      await this.directory.setPresence({ character, map: copy.map, copy: copy.id, server: copy.server, epoch: 1 })
    }
  }

  async seated(copy: Copy): Promise<string[]> {
    const { seats } = await this.directory.snapshot(copy.map)
    return seats
      .filter((row) => row.copy === copy.id)
      .map(({ seat }) => `${seat.character}:${seat.state}`)
      .sort()
  }

  /** Kinds of the decisions since the last call. */
  decided(): string[] {
    return this.decisions.splice(0).map(({ kind }) => kind)
  }
}
