import { StrataError } from '../../model/errors.ts'
import type { FleetName, ServerId } from '../../model/ids.ts'
import type { Fleets, GameServer } from '../../orchestrator/cluster/fleets.ts'

interface Fleet {
  replicas: number
  rooms: number
}

/** Fleets without processes, for tests in virtual time. Passes the contract suite. A new replica is Ready at once, unless `slowStart` is set. */
export class MemoryFleets implements Fleets {
  readonly servers = new Map<ServerId, GameServer>()
  /** New replicas stay in Creating until `becomeReady` is called. */
  slowStart = false
  /** New replicas of these fleets stay in Creating, as pods without a node do. */
  readonly starved = new Set<FleetName>()
  /** While set, every call throws it. */
  broken: Error | undefined
  /** The calls that changed the fleets, in order. */
  readonly calls: string[] = []
  readonly #fleets = new Map<FleetName, Fleet>()
  #made = 0

  constructor(fleets: Record<FleetName, Fleet>) {
    for (const [name, fleet] of Object.entries(fleets)) {
      this.#fleets.set(name, { ...fleet })
      this.#converge(name)
    }
  }

  async list(signal: AbortSignal): Promise<GameServer[]> {
    this.#check(signal)
    return structuredClone([...this.servers.values()])
  }

  async allocate(fleet: FleetName, signal: AbortSignal): Promise<GameServer | undefined> {
    this.#check(signal)
    const server = [...this.servers.values()].find((one) => one.fleet === fleet && one.state === 'Ready' && !one.overflow)
    if (server === undefined) return undefined
    this.calls.push(`allocate ${server.id}`)
    server.state = 'Allocated'
    await Promise.resolve()
    signal.throwIfAborted()
    return structuredClone(server)
  }

  async giveBack(id: ServerId, signal: AbortSignal): Promise<void> {
    this.#check(signal)
    const server = this.servers.get(id)
    if (server?.state !== 'Allocated') return
    this.calls.push(`giveBack ${id}`)
    if (server.overflow) this.kill(id)
    else server.state = 'Ready'
    this.#converge(server.fleet)
  }

  async scale(name: FleetName, replicas: number, signal: AbortSignal): Promise<void> {
    this.#check(signal)
    const fleet = this.#fleets.get(name)
    if (fleet === undefined) throw new StrataError('NOT_FOUND', { path: name })
    this.calls.push(`scale ${name} ${replicas}`)
    fleet.replicas = replicas
    this.#converge(name)
  }

  async drain(id: ServerId, signal: AbortSignal): Promise<void> {
    this.#check(signal)
    const server = this.servers.get(id)
    if (server === undefined) throw new StrataError('NOT_FOUND', { path: id })
    server.overflow = true
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  becomeReady(): void {
    for (const server of this.servers.values()) if (server.state === 'Creating') server.state = 'Ready'
  }

  kill(id: ServerId): void {
    const fleet = this.servers.get(id)?.fleet
    this.servers.delete(id)
    if (fleet !== undefined) this.#converge(fleet)
  }

  #converge(name: FleetName): void {
    const fleet = this.#fleets.get(name)
    if (fleet === undefined) return
    const all = [...this.servers.values()].filter((server) => server.fleet === name)
    const removable = all.filter(({ state }) => state !== 'Allocated')
    for (const server of removable.slice(0, Math.max(0, all.length - fleet.replicas))) this.servers.delete(server.id)
    for (let count = all.length; count < fleet.replicas; count++) {
      const id = `${name}-s${++this.#made}`
      this.servers.set(id, {
        id,
        fleet: name,
        state: this.slowStart || this.starved.has(name) ? 'Creating' : 'Ready',
        address: `ws://127.0.0.1:${40_000 + this.#made}`,
        overflow: false,
        rooms: fleet.rooms,
      })
    }
    const allocated = all.filter(({ state }) => state === 'Allocated')
    const marked = allocated.filter(({ overflow }) => overflow).length
    for (const server of allocated.filter(({ overflow }) => !overflow).slice(0, Math.max(0, allocated.length - fleet.replicas - marked))) server.overflow = true
  }

  #check(signal: AbortSignal): void {
    signal.throwIfAborted()
    if (this.broken !== undefined) throw this.broken
  }
}
