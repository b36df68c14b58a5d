import type { Copy } from '../../../model/copy.ts'
import type { FleetName, ServerId } from '../../../model/ids.ts'
import { protocolsOverlap, SERVER_LOST_AFTER_MS } from '../../../model/server.ts'
import type { PlanInput } from '../action.ts'

/** A server as the rules of one round see it. */
export interface Host {
  /** It fell silent; undefined: never heard of. */
  readonly silent: boolean | undefined
  readonly draining: boolean
  readonly fleet: FleetName | undefined
  /** Copies that it hosts, as far as they were looked up. */
  copies: number
}

/**
 * Each server is looked up once a round, and not again by every rule for every copy: in a world of 10,000 copies those looks, each
 * into other corners of memory, were half of the round (bench planner).
 */
export class Hosts {
  readonly #input: Pick<PlanInput, 'census' | 'draining' | 'now'>
  readonly #hosts = new Map<ServerId, Host>()
  /** Copies of one server stand beside each other more often than not. */
  #last: { server: ServerId; host: Host } | undefined
  /** Servers of several protocols: only while a roll-out changes it. */
  #mixed: boolean | undefined

  constructor(input: Pick<PlanInput, 'census' | 'draining' | 'now'>) {
    this.#input = input
  }

  /** Counts the copy: ask once for each. */
  hostOf({ server }: Copy): Host {
    if (this.#last?.server === server) {
      this.#last.host.copies++
      return this.#last.host
    }
    let host = this.#hosts.get(server)
    if (host === undefined) {
      host = this.#look(server)
      this.#hosts.set(server, host)
    }
    this.#last = { server, host }
    host.copies++
    return host
  }

  #look(server: ServerId): Host {
    const { census, draining, now } = this.#input
    const report = census.servers.get(server)
    const silent = report === undefined ? undefined : now - report.beat > SERVER_LOST_AFTER_MS
    return { silent, draining: draining.has(server), fleet: report?.fleet, copies: 0 }
  }

  /** Whether the clients of one server are understood by another. */
  canGo(from: ServerId, to: ServerId): boolean {
    const { servers } = this.#input.census
    this.#mixed ??= [...servers.values()].some(({ protocol }, _, [first]) => protocol.min !== first?.protocol.min || protocol.max !== first.protocol.max)
    if (!this.#mixed) return true
    const [spoken, there] = [servers.get(from)?.protocol, servers.get(to)?.protocol]
    return spoken === undefined || there === undefined || protocolsOverlap(there, spoken)
  }

  /** Copies on servers that stay, by fleet. */
  byFleet(): Map<FleetName, number> {
    const hosted = new Map<FleetName, number>()
    for (const { fleet, draining, copies } of this.#hosts.values()) {
      if (fleet !== undefined && !draining) hosted.set(fleet, (hosted.get(fleet) ?? 0) + copies)
    }
    return hosted
  }
}
