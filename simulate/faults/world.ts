import { type CryptoKey, generateKeyPair } from 'jose'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Directory, DirectoryEvent } from '../../directory/directory.ts'
import { MemoryDirectory } from '../../directory/memory.ts'
import { createGameServerMetrics } from '../../gameserver/metrics.ts'
import type { DurationMs } from '../../model/clock.ts'
import type { CharacterId, Epoch, MapName, ServerId } from '../../model/ids.ts'
import type { MoveOrder } from '../../model/move.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { keyId } from '../../model/ticket/signature.ts'
import type { Store } from '../../store/store.ts'
import { type Bug, buggyDirectory, buggyEconomy, buggyStore } from './bugs.ts'
import type { Fault, Moment } from './happening.ts'
import { Chance } from './kernel/chance.ts'
import type { Kernel } from './kernel/kernel.ts'
import { Network } from './kernel/network.ts'
import type { Process } from './kernel/process.ts'
import { Front } from './processes/front.ts'
import { SimGameServer } from './processes/gameServer.ts'
import { silent, talking } from './processes/log.ts'
import { SimMatchmaker } from './processes/matchmaker.ts'
import { type SimOrchestrator, startOrchestrator } from './processes/orchestrator.ts'
import { Player } from './processes/player.ts'
import { RESTARTED, remoteDirectory } from './processes/remoteDirectory.ts'
import { LeaderLock, remoteStore } from './processes/remoteStore.ts'
import type { SimState } from './processes/simZone.ts'
import { DirectoryRules } from './rules/directoryRules.ts'
import { StoreRules } from './rules/storeRules.ts'
import { MAPS, MATCHMAKERS, ORCHESTRATORS, playerName, type Scenario } from './scenario.ts'
import { FLEET, simPolicies, simPolicy } from './simPolicies.ts'
import { Economy, type Goods } from './standins/economy.ts'
import { MemoryStore } from './standins/memoryStore.ts'
import { SimFleet } from './standins/simFleet.ts'

const ROOMS = 3
const SERVERS = 3

/** Counted, and not looked at: one set for all runs. */
const gameServerMetrics = createGameServerMetrics(new Registry())

export interface Keys {
  ticket: CryptoKey
  ticketPublic: CryptoKey[]
}
export async function makeKeys(): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA')
  // Remembered from here on: the first time takes real time, on another thread.
  await Promise.all([privateKey, publicKey].map(keyId))
  return { ticket: privateKey, ticketPublic: [publicKey] }
}

/** Told what goes wrong, and how moves go on. */
export interface WorldObserver {
  /** Something is wrong for so long. */
  trouble(forMs: DurationMs): void
  emptied(): void
  serverLost(name: ServerId): void
  moment(moment: Moment, order: MoveOrder): void
}
const unobserved: WorldObserver = { trouble: () => {}, emptied: () => {}, serverLost: () => {}, moment: () => {} }

/** Everything there is in one run. */
export class SimWorld {
  readonly kernel: Kernel
  readonly network: Network
  readonly policies: Map<MapName, MapPolicy>
  readonly #tight: boolean
  readonly memory = new MemoryDirectory()
  readonly store = new MemoryStore()
  readonly economy = new Economy(this.store)
  readonly fleet: SimFleet
  readonly servers = new Map<ServerId, SimGameServer>()
  readonly players: Player[] = []
  /** Servers that went in good order: whoever was there is saved. */
  readonly departed = new Set<ServerId>()
  /** The body that each character had last, with the right to write: what it ended with must be found again. */
  readonly lastSeen = new Map<CharacterId, { epoch: Epoch; state: SimState; process: ServerId }>()
  /** They wait for the next move. */
  ambushes: (Fault & { fault: 'ambush' })[] = []
  readonly directoryRules: DirectoryRules
  readonly storeRules: StoreRules
  observer: WorldObserver = unobserved
  readonly chance: Chance
  readonly #directory: Directory
  readonly #durable: Store
  readonly #matchmakers = new Map<string, SimMatchmaker>()
  readonly #orchestrators = new Map<string, SimOrchestrator>()
  readonly front: Front
  readonly #lock = new LeaderLock()
  readonly #listeners = new Set<(event: DirectoryEvent) => void>()
  readonly #keys: Keys
  readonly #log: (name: string) => Logger
  #ids = 0

  constructor(kernel: Kernel, scenario: Scenario, keys: Keys, { bug, logs }: { bug: Bug | undefined; logs: boolean }) {
    this.kernel = kernel
    this.#keys = keys
    this.#tight = scenario.tight
    this.policies = simPolicies(scenario.tight)
    this.chance = new Chance(scenario.seed)
    this.network = new Network(kernel, this.chance)
    this.directoryRules = new DirectoryRules(kernel, this.memory, this.store, this.policies, (order) => this.observer.moment('ordered', order))
    this.storeRules = new StoreRules(kernel, this.store, (moment, move) => {
      const order = this.directoryRules.orders.get(move)
      if (order !== undefined) this.observer.moment(moment, order)
    })
    this.#directory = this.directoryRules.watching(buggyDirectory(this.memory, bug))
    this.#durable = this.storeRules.watching(buggyStore(this.store, bug))
    this.#log = logs ? (name) => talking(kernel, name) : () => silent
    this.memory.onEvent((event) => {
      for (const listener of [...this.#listeners]) listener(event)
    })
    for (const name of ['directory', 'store', 'fleet']) this.network.start(name)
    this.#bug = bug
    this.front = new Front(kernel, this.network, this.chance, this.#matchmakers)
    this.fleet = new SimFleet(FLEET, SERVERS, ROOMS, {
      start: (id) => void kernel.after(kernel.world, 300, () => this.#startServer(id)),
      stop: (id) => this.#stopServer(id),
    })
  }
  readonly #bug: Bug | undefined

  /** People and what they own; then everything starts. */
  async open({ players, parties }: Scenario): Promise<void> {
    for (let who = 0; who < players; who++) {
      const name = playerName(who)
      await this.store.ensureCharacter({ name, language: 'en', friends: who % 3 === 0 ? [playerName((who + 1) % players)] : [] })
      for (const item of ['sword', 'shield']) this.economy.mint(`${item} of ${name}`, name)
    }
    for (const [index, [first, ...others]] of parties.entries()) {
      if (first === undefined) continue
      await this.store.createParty(`party-${index}`, playerName(first))
      for (const who of others) await this.store.joinParty(`party-${index}`, playerName(who))
    }
    this.fleet.converge()
    for (const name of MATCHMAKERS) this.#startMatchmaker(name)
    for (const name of ORCHESTRATORS) this.#startOrchestrator(name)
    for (let who = 0; who < players; who++) {
      this.players.push(
        new Player(playerName(who), { kernel: this.kernel, network: this.network, serverAt: (address) => this.servers.get(address.slice('ws://'.length)) }),
      )
    }
  }

  // --- what starts and ends ---------------------------------------------------------------------------------------
  #remote(process: Process): { directory: Directory; store: Store } {
    const events = (listener: (event: DirectoryEvent) => void): (() => void) => {
      this.#listeners.add(listener)
      return () => this.#listeners.delete(listener)
    }
    return {
      directory: remoteDirectory(this.kernel, this.network, this.#directory, events, process),
      store: remoteStore(this.kernel, this.network, this.#durable, this.#lock, process),
    }
  }

  #startServer(id: ServerId): void {
    if (!this.fleet.servers.has(id)) return
    const process = this.network.start(id)
    const economy = buggyEconomy(this.#remoteEconomy(process), this.#bug)
    this.kernel.after(process, 1, () => {
      const server = new SimGameServer({
        kernel: this.kernel,
        process,
        id,
        fleet: FLEET,
        rooms: ROOMS,
        ...this.#remote(process),
        economy,
        ticketKeys: this.#keys.ticketPublic,
        metrics: gameServerMetrics,
        random: this.chance.of(`random ${id}`),
        log: this.#log(id),
        state: () => this.fleet.servers.get(id)?.state,
        allocate: async () => this.fleet.inUse(id),
        marked: () => this.fleet.servers.get(id)?.overflow === true,
        gone: () => {
          this.departed.add(id)
          this.#stopServer(id)
        },
      })
      this.servers.set(id, server)
    })
  }

  #remoteEconomy(process: Process): Goods {
    const call = <T>(what: string, run: () => Promise<T>): Promise<T> => this.network.call(process, 'store', run, { what, deadlineMs: 6_000, ordered: false })
    return {
      itemsOf: (character) => call('itemsOf', () => this.economy.itemsOf(character)),
      give: (gift) => call('give', () => this.economy.give(gift)),
    }
  }

  /** Its pod is gone, and the fleet makes another. */
  #stopServer(id: ServerId): void {
    this.kernel.tell(`${id} is gone`)
    this.fleet.servers.delete(id)
    this.servers.delete(id)
    this.network.process(id)?.kill()
    this.kernel.after(this.kernel.world, 1_000, () => this.fleet.converge())
  }

  #startMatchmaker(name: string): void {
    const process = this.network.start(name)
    this.#matchmakers.delete(name)
    this.kernel.after(process, 1, () => {
      const parts = { clock: this.kernel.clockOf(process), ...this.#remote(process), policies: this.policies, newId: this.#newId, keys: this.#keys }
      SimMatchmaker.start({ ...parts, log: this.#log(name) }).then(
        (matchmaker) => this.#matchmakers.set(name, matchmaker),
        () => this.crash(name, 1_000),
      )
    })
  }

  #startOrchestrator(name: string): void {
    const process = this.network.start(name)
    this.#orchestrators.delete(name)
    this.kernel.after(process, 1, () => {
      const fleets = this.#remoteFleet(process)
      const parts = {
        clock: this.kernel.clockOf(process),
        ...this.#remote(process),
        fleets,
        policies: this.policies,
        newId: this.#newId,
        ticketKey: this.#keys.ticket,
      }
      startOrchestrator({ ...parts, log: this.#log(name) }).then(
        (orchestrator) => this.#orchestrators.set(name, orchestrator),
        () => this.crash(name, 1_000),
      )
    })
  }

  #remoteFleet(process: Process): SimFleet {
    return new Proxy(this.fleet, {
      get: (fleet, name) => {
        const method: unknown = Reflect.get(fleet, name)
        if (typeof method !== 'function') return method
        return (...args: unknown[]) =>
          this.network.call(process, 'fleet', async () => Reflect.apply(method, fleet, args), { what: String(name), deadlineMs: 5_000, ordered: false })
      },
    })
  }

  readonly #newId = (): string => `id-${++this.#ids}`

  /** Killed, and back after a while; a game server is replaced by another instead. */
  crash(name: string, backMs: number): void {
    const process = this.network.process(name)
    if (process === undefined) return
    this.kernel.tell(`${name} crashes`)
    this.kernel.count('crashes')
    if (this.fleet.servers.has(name)) this.observer.serverLost(name)
    else this.observer.trouble(backMs)
    process.kill()
    if (this.fleet.servers.has(name)) {
      // Agones sees it a little later.
      this.kernel.after(this.kernel.world, Math.min(backMs, 1_000), () => this.#stopServer(name))
      return
    }
    this.kernel.after(this.kernel.world, backMs, () => this.restart(name))
  }

  /** Stopped for a while, in the middle of what it does. */
  stall(name: string, ms: number): void {
    const process = this.network.process(name)
    if (process === undefined) return
    this.kernel.tell(`${name} stops for ${ms} ms`)
    this.kernel.count('stops')
    this.observer.trouble(ms)
    process.stalledUntil = Math.max(process.stalledUntil, this.kernel.now() + ms)
  }

  split(a: string, b: string, ms: number): void {
    this.kernel.count('splits')
    this.observer.trouble(ms)
    this.network.split(a, b, ms)
  }

  /** Told to stop: it empties itself, and goes when it is empty or its time is over. */
  terminate(name: string, deadlineMs: number): void {
    const process = this.network.process(name)
    const server = this.servers.get(name)
    if (process === undefined || server === undefined) return
    this.kernel.count('servers told to stop')
    this.observer.trouble(deadlineMs + 20_000)
    this.kernel.after(process, 1, () => void server.stop(deadlineMs))
  }

  /** An operator asks whichever orchestrator answers. */
  closeCopy(nth: number): void {
    const open = MAPS.flatMap((map) =>
      this.memory
        .ledger(map)
        .snapshot()
        .copies.filter(({ state }) => state === 'open'),
    )
    const copy = open[nth % Math.max(1, open.length)]
    for (const [name, orchestrator] of this.#orchestrators) {
      const process = this.network.process(name)
      if (copy === undefined || process === undefined) continue
      this.kernel.count('copies closed by hand')
      this.kernel.after(process, 1, () => void orchestrator.close(copy.id).catch((error: unknown) => this.kernel.tell(`not closed: ${String(error)}`)))
      return
    }
  }

  changePolicy({ map, soft, max }: { map: MapName; soft: number; max: number }): void {
    this.kernel.count('policies changed')
    this.policies.set(map, simPolicy(map, this.#tight, { more: soft, max }))
  }

  /** Nothing goes wrong from here on but what goes wrong already. */
  calm(): void {
    this.ambushes = []
    this.network.disarm()
  }

  restart(name: string): void {
    this.kernel.tell(`${name} starts`)
    if (MATCHMAKERS.includes(name)) this.#startMatchmaker(name)
    else if (ORCHESTRATORS.includes(name)) this.#startOrchestrator(name)
    else {
      this.network.start(name)
      if (name === 'store') this.#lock.clear()
      if (name === 'directory') for (const listener of [...this.#listeners]) listener(RESTARTED)
    }
  }

  /** What lies in a server's mailbox. */
  ordersFor(server: ServerId): MoveOrder[] {
    return [...this.directoryRules.orders.values()].filter(({ id, from }) => from.server === server && !this.directoryRules.settled.has(id))
  }

  flush(): void {
    this.kernel.tell('the directory loses everything')
    this.kernel.count('directory emptied')
    this.observer.emptied()
    this.directoryRules.emptied()
    this.memory.clear()
  }
}
