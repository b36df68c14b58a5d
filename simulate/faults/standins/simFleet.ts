import type { FleetName, ServerId } from '../../../model/ids.ts'
import type { Fleets, GameServer } from '../../../orchestrator/cluster/fleets.ts'

/** The only fleet of the simulated cluster. Each replica is a simulated process; a dead one is replaced after a delay. */
export class SimFleet implements Fleets {
  readonly servers = new Map<ServerId, GameServer>()
  readonly #fleet: FleetName
  readonly #rooms: number
  readonly #start: (id: ServerId) => void
  readonly #stop: (id: ServerId) => void
  #replicas: number
  #made = 0

  constructor(fleet: FleetName, replicas: number, rooms: number, life: { start(id: ServerId): void; stop(id: ServerId): void }) {
    this.#fleet = fleet
    this.#replicas = replicas
    this.#rooms = rooms
    this.#start = (id) => life.start(id)
    this.#stop = (id) => life.stop(id)
  }

  /** Starts and stops servers to match the wanted replicas. Called at the start and some time after a server has gone. */
  converge(): void {
    const wanted = Math.max(this.#replicas, 2)
    const staying = [...this.servers.values()].filter(({ overflow }) => !overflow)
    for (let count = staying.length; count < wanted; count++) {
      const id = `server-${++this.#made}`
      this.servers.set(id, { id, fleet: this.#fleet, state: 'Ready', address: `ws://${id}`, overflow: false, rooms: this.#rooms })
      this.#start(id)
    }
    for (const { id } of staying.filter(({ state }) => state === 'Ready').slice(0, Math.max(0, staying.length - wanted))) this.#stop(id)
  }

  async list(): Promise<GameServer[]> {
    return structuredClone([...this.servers.values()])
  }
  async allocate(fleet: FleetName): Promise<GameServer | undefined> {
    const server = [...this.servers.values()].find((one) => one.fleet === fleet && one.state === 'Ready' && !one.overflow)
    if (server !== undefined) server.state = 'Allocated'
    return structuredClone(server)
  }
  /** The server marks itself Allocated, as through the Agones SDK. */
  inUse(id: ServerId): void {
    const server = this.servers.get(id)
    if (server?.state === 'Ready') server.state = 'Allocated'
  }
  async giveBack(id: ServerId): Promise<void> {
    const server = this.servers.get(id)
    if (server?.state !== 'Allocated') return
    if (server.overflow) this.#stop(id)
    else server.state = 'Ready'
  }
  async scale(_fleet: FleetName, replicas: number): Promise<void> {
    this.#replicas = Math.min(4, replicas)
    this.converge()
  }
  async drain(id: ServerId): Promise<void> {
    const server = this.servers.get(id)
    if (server !== undefined) server.overflow = true
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}
