import { type CryptoKey, generateKeyPair } from 'jose'
import pino, { type Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Directory, DirectoryEvent } from '../../directory/directory.ts'
import { MemoryDirectory } from '../../directory/memory.ts'
import { createGameServerMetrics } from '../../gameserver/metrics.ts'
import { createMetrics } from '../../matchmaker/metrics.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, Epoch, MapName, ServerId } from '../../model/ids.ts'
import type { MoveOrder } from '../../model/move.ts'
import { type MapPolicy, toMapPolicy } from '../../model/policy/policy.ts'
import { mapPolicySchema } from '../../model/policy/schema.ts'
import type { Store } from '../../store/store.ts'
import { type Bug, buggyDirectory, buggyEconomy, buggyStore } from './bugs.ts'
import { between, Chance } from './kernel/chance.ts'
import type { Kernel } from './kernel/kernel.ts'
import { Network } from './kernel/network.ts'
import type { Process } from './kernel/process.ts'
import { SimGameServer } from './processes/gameServer.ts'
import { SimMatchmaker } from './processes/matchmaker.ts'
import { startOrchestrator } from './processes/orchestrator.ts'
import { Player } from './processes/player.ts'
import { RESTARTED, remoteDirectory } from './processes/remoteDirectory.ts'
import { LeaderLock, remoteStore } from './processes/remoteStore.ts'
import type { SimState } from './processes/simZone.ts'
import { DirectoryRules } from './rules/directoryRules.ts'
import { RecoveryRules } from './rules/recoveryRules.ts'
import { StoreRules } from './rules/storeRules.ts'
import { type Fault, MAPS, MATCHMAKERS, ORCHESTRATORS, playerName, type Scenario } from './scenario.ts'
import { Economy, type Goods } from './standins/economy.ts'
import { MemoryStore } from './standins/memoryStore.ts'
import { SimFleet } from './standins/simFleet.ts'
import { spring } from './strike.ts'

const FLEET = 'overworld'
const ROOMS = 3
const SERVERS = 3

/** Counted, and not looked at: one set for all runs. */
const gameServerMetrics = createGameServerMetrics(new Registry())
const matchmakerMetrics = createMetrics(new Registry(), () => [])

export interface Keys {
  ticket: CryptoKey
  ticketPublic: CryptoKey[]
}
export async function makeKeys(): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA')
  return { ticket: privateKey, ticketPublic: [publicKey] }
}

/** Small caps and short times: lines, merges and full copies come up within half a minute. */
function policyOf(map: MapName, index: number): MapPolicy {
  const capacity = index === 0 ? { soft: 4, hard: 6, company: 2 } : { soft: 3, hard: 4, company: 1 }
  const spec = {
    fleet: FLEET,
    capacity,
    copies: { min: 1, max: index === 0 ? 3 : 2 },
    open: { above: '75%', leadTime: '2s' },
    merge: { below: '60%', into: '100%', minAge: '4s', deadline: '12s' },
    moves: { perMinute: 600, perPlayerEvery: '5s' },
    queue: { max: 50, grace: '20s' },
    seat: { hold: '8s' },
  }
  return toMapPolicy(mapPolicySchema.parse({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: map }, spec }), `${map}-v1`)
}

/** Everything there is in one run. */
export class SimWorld {
  readonly kernel: Kernel
  readonly network: Network
  readonly policies: ReadonlyMap<MapName, MapPolicy> = new Map(MAPS.map((map, index) => [map, policyOf(map, index)]))
  readonly memory = new MemoryDirectory()
  readonly store = new MemoryStore()
  readonly economy = new Economy(this.store)
  readonly fleet: SimFleet
  readonly servers = new Map<ServerId, SimGameServer>()
  readonly players: Player[] = []
  /** The body that each character had last, with the right to write: what it ended with must be found again. */
  readonly lastSeen = new Map<CharacterId, { epoch: Epoch; state: SimState; process: ServerId }>()
  /** They wait for the next move. */
  ambushes: (Fault & { fault: 'ambush' })[] = []
  readonly directoryRules: DirectoryRules
  readonly storeRules: StoreRules
  readonly recovery = new RecoveryRules(this)
  readonly chance: Chance
  readonly #directory: Directory
  readonly #durable: Store
  readonly #matchmakers = new Map<string, SimMatchmaker>()
  readonly #lock = new LeaderLock()
  readonly #listeners = new Set<(event: DirectoryEvent) => void>()
  readonly #keys: Keys
  readonly #log: (name: string) => Logger
  #ids = 0

  constructor(kernel: Kernel, scenario: Scenario, keys: Keys, { bug, logs }: { bug: Bug | undefined; logs: boolean }) {
    this.kernel = kernel
    this.#keys = keys
    this.chance = new Chance(scenario.seed)
    this.network = new Network(kernel, this.chance)
    this.directoryRules = new DirectoryRules(kernel, this.memory, this.store, this.policies, (order) => spring(this, 'ordered', order))
    this.storeRules = new StoreRules(kernel, this.store, (moment, move) => spring(this, moment, this.directoryRules.orders.get(move)))
    this.#directory = this.directoryRules.watching(buggyDirectory(this.memory, bug))
    this.#durable = this.storeRules.watching(buggyStore(this.store, bug))
    this.#log = logs ? (name) => talking(kernel, name) : () => silent
    this.memory.onEvent((event) => {
      for (const listener of [...this.#listeners]) listener(event)
    })
    for (const name of ['directory', 'store', 'fleet']) this.network.start(name)
    this.#bug = bug
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
        marked: () => this.fleet.servers.get(id)?.overflow === true,
        gone: () => this.#stopServer(id),
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
      const parts = { kernel: this.kernel, ...this.#remote(process), policies: this.policies, newId: this.#newId, keys: this.#keys }
      SimMatchmaker.start({ ...parts, metrics: matchmakerMetrics, log: this.#log(name) }).then(
        (matchmaker) => this.#matchmakers.set(name, matchmaker),
        () => this.crash(name, 1_000),
      )
    })
  }

  #startOrchestrator(name: string): void {
    const process = this.network.start(name)
    this.kernel.after(process, 1, () => {
      const fleets = this.#remoteFleet(process)
      const parts = { kernel: this.kernel, ...this.#remote(process), fleets, policies: this.policies, newId: this.#newId, ticketKey: this.#keys.ticket }
      startOrchestrator({ ...parts, log: this.#log(name) }).catch(() => this.crash(name, 1_000))
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
    if (this.fleet.servers.has(name)) this.recovery.serverLost(name)
    else this.recovery.trouble(backMs)
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
    this.recovery.trouble(ms)
    process.stalledUntil = Math.max(process.stalledUntil, this.kernel.now() + ms)
  }

  split(a: string, b: string, ms: number): void {
    this.recovery.trouble(ms)
    this.network.split(a, b, ms)
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
    this.recovery.emptied()
    this.directoryRules.emptied()
    this.memory.clear()
  }

  // --- the way in -------------------------------------------------------------------------------------------------
  /** `fetch`, as the client SDK calls it. */
  readonly fetch = async (input: string, { method = 'GET', headers = {}, body, signal }: Request = {}): Promise<Response> => {
    const from = this.kernel.current
    const ready = MATCHMAKERS.filter((name) => this.network.process(name) !== undefined && this.#matchmakers.get(name)?.ready === true)
    const to = ready[between(this.chance.of(`balance ${from.name}`), 0, ready.length - 1)] ?? MATCHMAKERS[0] ?? ''
    const path = new URL(input).pathname
    const hangUp = new AbortController()
    const serve = async (): Promise<Answer> => {
      const target = this.network.process(to)
      // The client's word that it hangs up takes its time, too.
      const gone = new AbortController()
      if (target !== undefined) hangUp.signal.addEventListener('abort', () => this.kernel.after(target, 5, () => gone.abort()), { once: true })
      try {
        const character = headers['authorization']?.slice('Bearer '.length) ?? ''
        const request = {
          method,
          path,
          character,
          lineTicket: headers['x-line-ticket'] ?? '',
          body: body === undefined ? undefined : JSON.parse(body),
          gone: gone.signal,
        }
        const value = await this.#matchmakers.get(to)?.serve(request)
        return { status: 200, body: value }
      } catch (error) {
        if (error instanceof StrataError) return { status: error.row.status, body: error.toJSON() }
        this.kernel.break('X1', `${to} failed on ${method} ${path}: ${error instanceof Error ? error.stack : String(error)}`)
        return { status: 500, body: {} }
      }
    }
    signal?.addEventListener('abort', () => hangUp.abort(), { once: true })
    const { status, body: answer } = await this.network.call(from, to, serve, { what: `${method} ${path}`, deadlineMs: 60_000, ordered: false, signal })
    // All that the SDK looks at.
    return { ok: status < 400, status, json: async () => structuredClone(answer) } as Response
  }
}

interface Request {
  method?: string
  headers?: Record<string, string>
  body?: string
  signal?: AbortSignal
}
interface Answer {
  status: number
  body: unknown
}

const silent = pino({ level: 'silent' })

/** What the processes log, among the history. */
function talking(kernel: Kernel, name: string): Logger {
  const write = (line: string): void => {
    const { msg, err, ...rest } = JSON.parse(line) as { msg: string; err?: { message: string } } & Record<string, unknown>
    for (const key of ['level', 'pid', 'hostname', 'time']) delete rest[key]
    kernel.tell(`  ${name}: ${msg} ${Object.keys(rest).length === 0 ? '' : JSON.stringify(rest)}${err === undefined ? '' : ` (${err.message})`}`)
  }
  return pino({ level: 'info', base: null, timestamp: false }, { write })
}
