import { type CryptoKey, generateKeyPair } from 'jose'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Directory, DirectoryEvent } from '../../directory/directory.ts'
import { MemoryDirectory } from '../../directory/memory.ts'
import { createGameServerMetrics } from '../../gameserver/metrics.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { Copy } from '../../model/copy.ts'
import type { CharacterId, CopyId, Epoch, MapName, ServerId } from '../../model/ids.ts'
import type { MoveOrder } from '../../model/move.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { keyId } from '../../model/ticket/signature.ts'
import { type Bug, buggyDirectory, buggyEconomy, buggyStore } from './bugs.ts'
import { Chance } from './kernel/chance.ts'
import type { Kernel } from './kernel/kernel.ts'
import { Network } from './kernel/network.ts'
import type { Process } from './kernel/process.ts'
import { SimGameServer } from './processes/gameServer.ts'
import { LoadBalancer } from './processes/loadBalancer.ts'
import { historyLogger, silentLogger } from './processes/log.ts'
import { SimMatchmaker } from './processes/matchmaker.ts'
import { type SimOrchestrator, startOrchestrator } from './processes/orchestrator.ts'
import { Player } from './processes/player.ts'
import { RESTARTED, remoteDirectory } from './processes/remoteDirectory.ts'
import { LeaderLock, remoteStore } from './processes/remoteStore.ts'
import type { SimState } from './processes/simZone.ts'
import { DirectoryRules } from './rules/directoryRules.ts'
import { StoreRules } from './rules/storeRules.ts'
import { MAPS, MATCHMAKERS, ORCHESTRATORS, playerName, type Scenario } from './scenario.ts'
import type { Fault, MovePhase } from './scenarioEvent.ts'
import { FLEET, simPolicies, simPolicy } from './simPolicies.ts'
import { Economy, type Goods } from './standins/economy.ts'
import type { Row } from './standins/memoryClaims.ts'
import { MemoryStore } from './standins/memoryStore.ts'
import { SimFleet } from './standins/simFleet.ts'

const ROOMS = 3
const SERVERS = 3

/** One set of metrics for all runs; nobody reads it. */
const gameServerMetrics = createGameServerMetrics(new Registry())

export interface Keys {
  ticket: CryptoKey
  ticketPublic: CryptoKey[]
}
export async function makeKeys(): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA')
  // Fills the key-id cache: the first computation runs on another thread and takes real time.
  await Promise.all([privateKey, publicKey].map(keyId))
  return { ticket: privateKey, ticketPublic: [publicKey] }
}

/** Receives faults. */
export interface WorldObserver {
  /** A fault lasts for `forMs`. */
  faultLasts(forMs: DurationMs): void
  directoryEmptied(): void
  serverLost(name: ServerId): void
  /** The account of a character is banned for `forMs`. */
  banned(character: CharacterId, forMs: DurationMs): void
  /** A login claims a character, whose row was `before` until now. */
  login(before: Row, to: CopyId): void
}

/** Time in ms after an overload until all its measures have ended: four levels of 3 s calm each, and the mean of the lateness falls first. */
const OVERLOAD_ENDS_MS = 15_000

/** All processes and data of one run. */
export class SimWorld {
  readonly kernel: Kernel
  readonly network: Network
  readonly policies: Map<MapName, MapPolicy>
  readonly #tight: boolean
  readonly memory = new MemoryDirectory()
  readonly store = new MemoryStore(() => this.kernel.now())
  readonly economy = new Economy(this.store)
  readonly fleet: SimFleet
  readonly servers = new Map<ServerId, SimGameServer>()
  readonly players: Player[] = []
  /** Servers that shut down in an orderly way: their players are saved. */
  readonly stoppedOrderly = new Set<ServerId>()
  /** The last body of each character that had the right to write. Its state must be found in the database. */
  readonly lastBodies = new Map<CharacterId, { epoch: Epoch; state: SimState; process: ServerId }>()
  /** Ambushes that wait for the next move. */
  ambushes: (Fault & { fault: 'ambush' })[] = []
  readonly directoryRules: DirectoryRules
  readonly storeRules: StoreRules
  /** Set before the world opens. */
  observer!: WorldObserver
  onMovePhase: (phase: MovePhase, order: MoveOrder) => void = () => {}
  readonly chance: Chance
  readonly #directory: Directory
  readonly #durable: MemoryStore
  readonly #matchmakers = new Map<string, SimMatchmaker>()
  readonly #orchestrators = new Map<string, SimOrchestrator>()
  readonly loadBalancer: LoadBalancer
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
    this.directoryRules = new DirectoryRules({
      kernel,
      memory: this.memory,
      store: this.store,
      policies: this.policies,
      onOrder: (order) => this.onMovePhase('ordered', order),
    })
    this.storeRules = new StoreRules(kernel, this.store, {
      onPhase: (phase, move) => {
        const order = this.directoryRules.orders.get(move)
        if (order !== undefined) this.onMovePhase(phase, order)
      },
      onLogin: (before, to) => this.observer.login(before, to),
    })
    this.#directory = this.directoryRules.checked(buggyDirectory(this.memory, bug))
    this.#durable = this.storeRules.checked(buggyStore(this.store, bug))
    this.#log = logs ? (name) => historyLogger(kernel, name) : () => silentLogger
    this.memory.onEvent((event) => {
      for (const listener of [...this.#listeners]) listener(event)
    })
    for (const name of ['directory', 'store', 'fleet']) this.network.start(name)
    this.#bug = bug
    this.loadBalancer = new LoadBalancer(kernel, this.network, this.chance, this.#matchmakers)
    this.fleet = new SimFleet(FLEET, SERVERS, ROOMS, {
      start: (id) => void kernel.after(kernel.world, 300, () => this.#startServer(id)),
      stop: (id) => this.#stopServer(id),
    })
  }
  readonly #bug: Bug | undefined

  /** Creates the characters, their items and parties, then starts all processes. */
  async open({ players, parties }: Scenario): Promise<void> {
    for (let who = 0; who < players; who++) {
      const name = playerName(who)
      this.store.addCharacter({ name, language: 'en', friends: who % 3 === 0 ? [playerName((who + 1) % players)] : [] })
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

  // --- processes ---------------------------------------------------------------------------------------
  #remote(process: Process): { directory: Directory; store: MemoryStore } {
    const events = (listener: (event: DirectoryEvent) => void): (() => void) => {
      this.#listeners.add(listener)
      return () => this.#listeners.delete(listener)
    }
    return {
      directory: remoteDirectory(process, { kernel: this.kernel, network: this.network, directory: this.#directory, events }),
      store: remoteStore(process, { kernel: this.kernel, network: this.network, store: this.#durable, lock: this.#lock }),
    }
  }

  #startServer(id: ServerId): void {
    if (!this.fleet.servers.has(id)) return
    const process = this.network.start(id)
    const economy = buggyEconomy(this.network.remote<Goods>(process, 'store', this.economy, { deadlineMs: 6_000, ordered: false }), this.#bug)
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
          this.stoppedOrderly.add(id)
          this.#stopServer(id)
        },
      })
      this.servers.set(id, server)
    })
  }

  /** Removes the pod of a server; the fleet replaces it. */
  #stopServer(id: ServerId): void {
    this.kernel.record(`${id} is gone`)
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
      const fleets = this.network.remote(process, 'fleet', this.fleet, { deadlineMs: 5_000, ordered: false })
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

  readonly #newId = (): string => `id-${++this.#ids}`

  /** Kills a process and restarts it after `backMs`. The fleet replaces a game server with a new one instead. */
  crash(name: string, backMs: number): void {
    const process = this.network.process(name)
    if (process === undefined) return
    this.kernel.record(`${name} crashes`)
    this.kernel.count('crashes')
    if (this.fleet.servers.has(name)) this.observer.serverLost(name)
    else this.observer.faultLasts(backMs)
    process.kill()
    if (this.fleet.servers.has(name)) {
      // Agones notices the death with a delay.
      this.kernel.after(this.kernel.world, Math.min(backMs, 1_000), () => this.#stopServer(name))
      return
    }
    this.kernel.after(this.kernel.world, backMs, () => this.restart(name))
  }

  /** Pauses a process for `ms`, as SIGSTOP does. */
  stall(name: string, ms: number): void {
    const process = this.network.process(name)
    if (process === undefined) return
    this.kernel.record(`${name} stops for ${ms} ms`)
    this.kernel.count('stops')
    this.observer.faultLasts(ms)
    process.stalledUntil = Math.max(process.stalledUntil, this.kernel.now() + ms)
  }

  split(a: string, b: string, ms: number): void {
    this.kernel.count('splits')
    this.observer.faultLasts(ms)
    this.network.split(a, b, ms)
  }

  /** Sends SIGTERM to a game server: it drains, and exits when it is empty or at its deadline. */
  terminate(name: string, deadlineMs: number): void {
    const process = this.network.process(name)
    const server = this.servers.get(name)
    if (process === undefined || server === undefined) return
    this.kernel.count('servers told to stop')
    this.observer.faultLasts(deadlineMs + 20_000)
    this.kernel.after(process, 1, () => void server.stop(deadlineMs))
  }

  /** The steps of a server's rooms are late for some time. The rooms report it, as rooms on a machine that is short of CPU do. */
  overload(name: string, { lateMs, forMs }: { lateMs: number; forMs: number }): void {
    const server = this.servers.get(name)
    if (server === undefined) return
    this.kernel.count('servers short of CPU')
    this.observer.faultLasts(forMs + OVERLOAD_ENDS_MS)
    server.lateMs = lateMs
    this.kernel.after(this.kernel.world, forMs, () => {
      server.lateMs = 0
    })
  }

  /** An operator closes a copy through the first orchestrator that runs. */
  closeCopy(nth: number): void {
    const open = MAPS.flatMap((map) => this.copiesOf(map)).filter(({ state }) => state === 'open')
    const copy = open[nth % Math.max(1, open.length)]
    for (const [name, orchestrator] of this.#orchestrators) {
      const process = this.network.process(name)
      if (copy === undefined || process === undefined) continue
      this.kernel.count('copies closed by hand')
      this.kernel.after(process, 1, () => void orchestrator.close(copy.id).catch((error: unknown) => this.kernel.record(`not closed: ${String(error)}`)))
      return
    }
  }

  /** The player accepts an invitation to the party of `to`, who makes one first if needed. */
  joinParty(player: Player, to: CharacterId): void {
    this.kernel.count('parties joined')
    const party = this.store.partyOf(to)?.party
    if (party !== undefined) return player.acceptInvitation(party)
    const own = `party-of-${to}-${++this.#ids}`
    void this.store.createParty(own, to).then(() => player.acceptInvitation(own))
  }

  /** A moderator bans an account, and lifts the ban after `forMs`. */
  ban(character: CharacterId, forMs: DurationMs): void {
    this.kernel.count('bans')
    const ban = { until: this.kernel.now() + 3_600_000, reason: 'simulated' }
    this.store.setBan(character, ban)
    this.observer.banned(character, forMs)
    this.kernel.after(this.kernel.world, forMs, () => this.store.setBan(character, undefined))
  }

  changePolicy({ map, soft, max }: { map: MapName; soft: number; max: number }): void {
    this.kernel.count('policies changed')
    this.policies.set(map, simPolicy(map, this.#tight, { more: soft, max }))
  }

  /** Ends fault injection. Faults that are in progress still run their course. */
  endFaults(): void {
    this.ambushes = []
    this.network.disarm()
  }

  restart(name: string): void {
    this.kernel.record(`${name} starts`)
    if (MATCHMAKERS.includes(name)) this.#startMatchmaker(name)
    else if (ORCHESTRATORS.includes(name)) this.#startOrchestrator(name)
    else {
      this.network.start(name)
      if (name === 'store') this.#lock.clear()
      if (name === 'directory') for (const listener of [...this.#listeners]) listener(RESTARTED)
    }
  }

  /** The copies of a map that the directory lists. */
  copiesOf(map: MapName): Copy[] {
    return this.memory.ledger(map).snapshot().copies
  }

  /** The unsettled move orders in a server's mailbox that were written before an instant. */
  ordersFor(server: ServerId, before: Instant): MoveOrder[] {
    const { orders, orderedAt, settled } = this.directoryRules
    return [...orders.values()].filter(({ id, from }) => from.server === server && !settled.has(id) && (orderedAt.get(id) ?? 0) < before)
  }

  flush(): void {
    this.kernel.record('the directory loses everything')
    this.kernel.count('directory emptied')
    this.observer.directoryEmptied()
    this.directoryRules.directoryEmptied()
    this.memory.clear()
  }
}
