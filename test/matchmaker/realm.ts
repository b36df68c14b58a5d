import { generateKeyPair } from 'jose'
import { Registry } from 'prom-client'
import type { DirectoryEvent } from '../../directory/directory.ts'
import { MapReplica } from '../../directory/mapReplica.ts'
import { MemoryDirectory } from '../../directory/memory.ts'
import { composeParts } from '../../matchmaker/composeParts.ts'
import { type EnterWish, enter } from '../../matchmaker/flows/enter.ts'
import type { Parts } from '../../matchmaker/parts.ts'
import type { Census, MapCensus } from '../../model/census.ts'
import { VirtualClock } from '../../model/clock.ts'
import type { StateVersions } from '../../model/copy.ts'
import { defined } from '../../model/defined.ts'
import type { CharacterId, CopyId, MapName, PartyId } from '../../model/ids.ts'
import type { Decision } from '../../model/placement/decision.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { toMapPolicy } from '../../model/policy/policy.ts'
import { mapPolicySchema } from '../../model/policy/schema.ts'
import { createLogger } from '../../service/log.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import type { SocialProfile } from '../../store/store.ts'
import { makeCharacter, makeParty } from '../people.ts'

export const start = 1_700_000_000_000

export function policyNamed(name: string, spec: Record<string, unknown> = {}): MapPolicy {
  const capacity = { soft: 3, hard: 5, company: 1 }
  return toMapPolicy(
    mapPolicySchema.parse({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name }, spec: { fleet: 'overworld', capacity, ...spec } }),
    'v1',
  )
}

/** The current census: a replica without lag. */
export function liveCensus(directory: MemoryDirectory, clock: VirtualClock, maps: readonly MapName[]): () => Census {
  return () => {
    const census = new Map<MapName, MapCensus>()
    const whereabouts = new Map<CharacterId, { map: MapName; copy: CopyId }>()
    for (const map of maps) {
      const fresh = new MapReplica(directory.ledger(map).snapshot())
      census.set(map, fresh)
      for (const [copy, { seats }] of fresh.copies) for (const character of seats.keys()) whereabouts.set(character, { map, copy })
    }
    const report = { fleet: 'overworld', address: 'ws://127.0.0.1:7001', rooms: 100, protocol: { min: 1, max: 2 }, draining: false, beat: clock.now() }
    return { at: clock.now(), maps: census, servers: new Map([['s1', { id: 's1', ...report }]]), whereabouts }
  }
}

interface Base {
  clock: VirtualClock
  directory: MemoryDirectory
  ticket: CryptoKey
  ticketPublic: CryptoKey[]
}

/** One world with any number of matchmakers and a virtual clock. */
export class Realm implements AsyncDisposable {
  readonly clock: VirtualClock
  readonly directory: MemoryDirectory
  readonly decisions: Decision[] = []
  readonly policies: Map<MapName, MapPolicy>
  readonly store: PostgresStore
  readonly #keys: { ticket: CryptoKey; ticketPublic: CryptoKey[] }
  readonly #stack = new AsyncDisposableStack()
  #ids = 0

  private constructor(store: PostgresStore, policies: MapPolicy[], { clock, directory, ...keys }: Base) {
    this.clock = clock
    this.directory = directory
    this.store = store
    this.policies = new Map(policies.map((policy) => [policy.map, policy]))
    this.#keys = keys
  }

  static create(store: PostgresStore, ...policies: MapPolicy[]): Promise<Realm> {
    return Realm.over(store, { clock: new VirtualClock(start), directory: new MemoryDirectory() }, policies)
  }

  /** With the directory and the clock of another harness, such as one with the planner. */
  static async over(store: PostgresStore, base: { clock: VirtualClock; directory: MemoryDirectory }, policies: MapPolicy[]): Promise<Realm> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
    return new Realm(store, policies.length === 0 ? [policyNamed('forest')] : policies, { ...base, ticket: privateKey, ticketPublic: [publicKey] })
  }

  /** `census` replaces the replica, for example by one that lags. */
  matchmaker(census?: () => Census): Parts {
    const replica = {
      census: census ?? liveCensus(this.directory, this.clock, [...this.policies.keys()]),
      onChange: (listener: (event: DirectoryEvent) => void) => this.directory.onEvent(listener),
    }
    return this.#stack.use(
      composeParts({
        directory: this.directory,
        store: this.store,
        replica,
        registry: new Registry(),
        policies: () => this.policies,
        clock: this.clock,
        newId: () => `id-${++this.#ids}`,
        keys: this.#keys,
        record: (decision) => void this.decisions.push(decision),
        log: createLogger('test', 'silent'),
      }),
    )
  }

  async open(id: CopyId, map = 'forest', { party, states }: { party?: PartyId | undefined; states?: StateVersions } = {}): Promise<void> {
    const base = { id, map, server: 's1', created: start, since: start, ...defined({ party, states }) }
    await this.directory.addCopy({ ...base, state: 'open', address: 'ws://127.0.0.1:7001' })
  }

  person(name: string, { guild, friends = [] }: { guild?: string; friends?: string[] } = {}): Promise<SocialProfile> {
    return makeCharacter(this.store, { name, friends, ...defined({ guild }) })
  }

  async people(count: number, prefix: string): Promise<SocialProfile[]> {
    return Promise.all(Array.from({ length: count }, (_, n) => this.person(`${prefix} ${n}`)))
  }

  /** Members in order of joining; the first leads. */
  async partyOf(count: number, prefix: string): Promise<SocialProfile[]> {
    const people = await this.people(count, prefix)
    const party = `party-${prefix}`
    await makeParty(
      this.store,
      party,
      people.map(({ character }) => character),
    )
    return Promise.all(people.map(async (person) => (await this.store.profile(person.character)) ?? person))
  }

  seats(map = 'forest'): Record<CopyId, string[]> {
    const seats: Record<CopyId, string[]> = {}
    const { copies, seats: all } = this.directory.ledger(map).snapshot()
    for (const { id } of copies) seats[id] = []
    for (const { copy, seat } of all) seats[copy]?.push(seat.name)
    return seats
  }

  /** Takes the seat and sets the presence, as a game server does on joining. */
  async take(map: MapName, copy: CopyId, character: CharacterId, epoch = 1): Promise<void> {
    await this.directory.takeSeat(map, copy, character, this.clock.now())
    await this.directory.setPresence({ character, map, copy, server: 's1', epoch })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

export function enterAs(parts: Parts, { character }: { character: CharacterId }, wish: Partial<EnterWish> = { map: 'forest' }): ReturnType<typeof enter> {
  return enter(parts, character, { protocol: 1, wholeParty: false, rankIn: () => 0, ...wish })
}
