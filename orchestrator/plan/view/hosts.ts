import type { Copy } from '../../../model/copy.ts'
import type { FleetName, ServerId } from '../../../model/ids.ts'
import type { LoadLevel } from '../../../model/load.ts'
import { isSilent, protocolsOverlap } from '../../../model/server.ts'
import type { PlanInput } from '../action.ts'

/** A server as the rules of one round see it. */
export interface Host {
  /** Whether its last report is older than `SERVER_LOST_AFTER_MS`; undefined: it never reported. */
  readonly silent: boolean | undefined
  readonly draining: boolean
  readonly load: LoadLevel
  readonly fleet: FleetName | undefined
  /** Copies on it that were counted by `hostOf`. */
  copies: number
}

/**
 * Looks each server up once per round instead of once per copy and rule. In a world of 10,000 copies the repeated lookups were cache misses that took
 * half of the round (`bench/planner`).
 */
export class Hosts {
  readonly #input: Pick<PlanInput, 'census' | 'draining' | 'now'>
  readonly #hosts = new Map<ServerId, Host>()
  /** The last lookup. Copies of one server often follow each other, and then need no lookup in the map. */
  #last: { server: ServerId; host: Host } | undefined
  /** Whether servers speak different protocol versions, which happens only during a rollout; undefined until it is asked for. */
  #mixedProtocols: boolean | undefined

  constructor(input: Pick<PlanInput, 'census' | 'draining' | 'now'>) {
    this.#input = input
  }

  /** The server of a copy. Counts the copy on it: call it once per copy. */
  hostOf({ server }: Copy): Host {
    if (this.#last?.server === server) {
      this.#last.host.copies++
      return this.#last.host
    }
    let host = this.#hosts.get(server)
    if (host === undefined) {
      host = this.#read(server)
      this.#hosts.set(server, host)
    }
    this.#last = { server, host }
    host.copies++
    return host
  }

  #read(server: ServerId): Host {
    const { census, draining, now } = this.#input
    const report = census.servers.get(server)
    const silent = report === undefined ? undefined : isSilent(report, now)
    return { silent, draining: draining.has(server), load: report?.load ?? 0, fleet: report?.fleet, copies: 0 }
  }

  /** Whether the server `to` understands the protocol of the clients on the server `from`. */
  understandsClientsOf(from: ServerId, to: ServerId): boolean {
    const { servers } = this.#input.census
    this.#mixedProtocols ??= [...servers.values()].some(
      ({ protocol }, _, [first]) => protocol.min !== first?.protocol.min || protocol.max !== first.protocol.max,
    )
    if (!this.#mixedProtocols) return true
    const [spoken, there] = [servers.get(from)?.protocol, servers.get(to)?.protocol]
    return spoken === undefined || there === undefined || protocolsOverlap(there, spoken)
  }

  /** Copies on servers that are neither draining nor lost, by fleet. */
  copiesByFleet(): Map<FleetName, number> {
    const hosted = new Map<FleetName, number>()
    for (const { fleet, draining, silent, copies } of this.#hosts.values()) {
      if (fleet !== undefined && !draining && silent !== true) hosted.set(fleet, (hosted.get(fleet) ?? 0) + copies)
    }
    return hosted
  }
}
