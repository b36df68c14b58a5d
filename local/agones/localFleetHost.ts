import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Clock } from '../../model/clock.ts'
import { readFleetManifests } from '../../orchestrator/cluster/fleetManifest.ts'
import type { GameServer } from '../../orchestrator/cluster/fleets.ts'
import { createHttp, type HttpApp } from '../../service/http.ts'
import type { Logger } from '../../service/log.ts'
import { createRegistry } from '../../service/metrics.ts'
import { hostRoutes } from './hostApi.ts'
import { LocalFleet } from './localFleet.ts'
import type { LocalMachine } from './localServer.ts'
import { allServers, toGameServer } from './serverList.ts'

export interface LocalFleetHostOptions {
  /** Folder with the `*.fleet.yaml` files. */
  folder: string
  /** Working directory of the servers' commands. */
  root: string
  /** State folder, usually `.strata`; logs go to its `log/`. */
  state: string
  /** Environment of every server besides its ports: DATABASE_URL, REDIS_URL, STRATA_KEYS, STRATA_POLICIES, LOG_LEVEL. */
  env: Record<string, string>
  log: Logger
  /** Address that the servers listen on; loopback by default. */
  host?: string
  clock?: Clock
  /** Longest time for the servers to end when the host ends, in ms. */
  stopGraceMs?: number
}

/** How often replicas and health are checked, in ms, in addition to the checks after changes. */
const CONVERGE_EVERY_MS = 250
/** Default of `stopGraceMs`. */
const STOP_GRACE_MS = 8_000

/**
 * Takes the place of the Kubernetes API and of Agones on one machine. It runs in the supervisor, so that game servers survive when the
 * orchestrator is killed. The orchestrator uses it over HTTP on loopback (`LocalFleets`).
 */
export class LocalFleetHost implements AsyncDisposable {
  readonly url: string
  readonly token: string
  readonly #fleets: ReadonlyMap<string, LocalFleet>
  readonly #http: HttpApp
  readonly #timer: NodeJS.Timeout
  readonly #stopGraceMs: number
  readonly #machine: LocalMachine

  private constructor(made: {
    url: string
    token: string
    fleets: ReadonlyMap<string, LocalFleet>
    http: HttpApp
    machine: LocalMachine
    stopGraceMs: number
  }) {
    this.url = made.url
    this.token = made.token
    this.#fleets = made.fleets
    this.#http = made.http
    this.#machine = made.machine
    this.#stopGraceMs = made.stopGraceMs
    this.#timer = setInterval(() => this.#converge(), CONVERGE_EVERY_MS)
    this.#converge()
  }

  /** Starts the servers and does not wait until they are Ready. Throws POLICY_INVALID for a broken manifest. */
  static async start(options: LocalFleetHostOptions): Promise<LocalFleetHost> {
    const { log, host = '127.0.0.1', clock = { now: Date.now }, stopGraceMs = STOP_GRACE_MS } = options
    const logs = resolve(options.state, 'log')
    await mkdir(logs, { recursive: true })
    const machine: LocalMachine = { root: resolve(options.root), logs, env: options.env, host, clock, log }
    const manifests = await readFleetManifests(options.folder)
    const fleets = new Map(manifests.map((manifest) => [manifest.name, new LocalFleet(manifest, machine)]))
    const token = randomBytes(24).toString('base64url')
    const http = createHttp(log, { registry: createRegistry('fleet-host'), ready: async () => {} })
    hostRoutes(http, fleets, token)
    const url = await http.listen({ host: '127.0.0.1', port: 0 })
    return new LocalFleetHost({ url, token, fleets, http, machine, stopGraceMs })
  }

  #converge(): void {
    for (const fleet of this.#fleets.values()) fleet.converge()
  }

  /**
   * Replaces all servers, after their code has changed or by the code in the folder `root`. Returns the new ones. Throws SERVICE_NOT_STARTED, and keeps the old
   * ones and their folder, when one does not become Ready.
   */
  async renew(root = this.#machine.root): Promise<string[]> {
    const before = this.#machine.root
    this.#machine.root = root
    try {
      return await Promise.all([...this.#fleets.values()].filter((fleet) => fleet.desired > 0).map((fleet) => fleet.renew()))
    } catch (error) {
      this.#machine.root = before
      throw error
    }
  }

  servers(): { id: string; fleet: string; state: GameServer['state']; pid: number; address: string; log: string; probes: string }[] {
    return allServers(this.#fleets).map(({ record, pid, logFile, probes }) => ({ ...toGameServer(record), pid, address: record.address, log: logFile, probes }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#http.close()
    await Promise.all([...this.#fleets.values()].map((fleet) => fleet.close(this.#stopGraceMs)))
  }
}
