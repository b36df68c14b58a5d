import type { Census, CopyCensus } from '../../../model/census.ts'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId, CopyId, MapName, ServerId } from '../../../model/ids.ts'
import { ownerOf } from '../../../model/line.ts'
import type { InstanceOwner } from '../../../model/policy/instanceKey.ts'
import { isSilent, SERVER_BEAT_MS, type ServerReport } from '../../../model/server.ts'
import type { GameServer } from '../../cluster/fleets.ts'
import { CALL_DEADLINE_MS, type ReconcilerParts, type Round } from '../round.ts'
import type { OwnWrites } from './ownWrites.ts'

/** While the fleets do not answer, their last answer is used for this long: moves and closings go on, openings and scaling fail. */
const FLEET_CACHE_MS: DurationMs = 10_000
/**
 * A server that its fleet does not list or calls Unhealthy is gone after two missed reports; it need not be silent for `SERVER_LOST_AFTER_MS`. The half
 * second is for delays on the way.
 */
const GONE_AFTER_MS: DurationMs = 2 * SERVER_BEAT_MS + 500

/** Most parties per map that one round reads from the line, and so opens instances for; the rest wait for the next round. */
const PARTIES_PER_ROUND = 256

/** After a pause between readings longer than this (this process or the directory stopped), old reports do not prove that a server is silent. */
const PAUSE_MS: DurationMs = 3_000

function goneServers(servers: readonly GameServer[], reports: readonly ServerReport[], now: Instant): ServerId[] {
  const listed = new Set(servers.filter(({ state }) => state !== 'Unhealthy').map(({ id }) => id))
  return reports.filter(({ id, beat }) => !listed.has(id) && now - beat >= GONE_AFTER_MS).map(({ id }) => id)
}

/**
 * Servers that report no more, although their fleet calls them Ready or Allocated: Agones hears from its own sidecar on the same node, and a lost node is noticed only after
 * minutes.
 */
function silentServers(servers: readonly GameServer[], reports: ReadonlyMap<ServerId, ServerReport>, now: Instant): Set<ServerId> {
  const serving = servers.filter(({ state }) => state === 'Ready' || state === 'Allocated').map(({ id }) => id)
  return new Set(serving.filter((id) => isSilent(reports.get(id) ?? { beat: now }, now)))
}

/** Reads the whole world at the start of each round. */
export class WorldReader {
  readonly #parts: ReconcilerParts
  readonly #own: OwnWrites
  readonly #avoid: Map<string, Instant>
  #lastAnswer: { servers: GameServer[]; at: Instant } | undefined
  #lastRead: Instant | undefined
  /** Silence of a server counts from here. It is set after a pause, so that the first reading does not take every server for lost. */
  #silenceCountsFrom: Instant = 0

  constructor(parts: ReconcilerParts, own: OwnWrites, avoid: Map<string, Instant>) {
    this.#parts = parts
    this.#own = own
    this.#avoid = avoid
  }

  async read(signal: AbortSignal): Promise<Round> {
    const parts = this.#parts
    const now = parts.clock.now()
    const { servers, fresh } = await this.#servers(now, signal)
    const census = this.#own.overlay(parts.census(), now)
    const reports = this.#reports(census.servers, now)
    const gone = fresh ? goneServers(servers, [...reports.values()], now) : []
    for (const id of gone) reports.delete(id)
    const copies = new Map<CopyId, CopyCensus>()
    for (const map of census.maps.values()) for (const [id, copy] of map.copies) copies.set(id, copy)
    const draining = new Set<ServerId>([
      ...servers.filter(({ overflow }) => overflow).map(({ id }) => id),
      ...[...reports.values()].filter((report) => report.draining).map(({ id }) => id),
    ])
    const moving = await this.#moving(new Set([...copies.values()].map(({ copy }) => copy.server)))
    this.#lastRead = now
    return {
      parts,
      now,
      signal,
      census: { ...census, servers: reports },
      policies: parts.policies(),
      servers,
      gone,
      silent: silentServers(servers, reports, now),
      draining,
      own: this.#own,
      copies,
      moving,
      waitingOwners: await this.#waitingOwners(census, now),
      avoid: this.#avoid,
    }
  }

  #reports(servers: ReadonlyMap<ServerId, ServerReport>, now: Instant): Map<ServerId, ServerReport> {
    if (this.#lastRead !== undefined && now - this.#lastRead > PAUSE_MS) this.#silenceCountsFrom = now
    return new Map([...servers].map(([id, report]) => [id, report.beat < this.#silenceCountsFrom ? { ...report, beat: this.#silenceCountsFrom } : report]))
  }

  async #servers(now: Instant, signal: AbortSignal): Promise<{ servers: GameServer[]; fresh: boolean }> {
    try {
      const servers = await this.#parts.fleets.list(AbortSignal.any([signal, AbortSignal.timeout(CALL_DEADLINE_MS)]))
      this.#lastAnswer = { servers, at: now }
      return { servers, fresh: true }
    } catch (error) {
      signal.throwIfAborted()
      if (this.#lastAnswer === undefined || now - this.#lastAnswer.at > FLEET_CACHE_MS) throw error
      this.#parts.log.warn({ err: error }, 'the fleets do not answer; using their last answer')
      return { servers: this.#lastAnswer.servers, fresh: false }
    }
  }

  /** Characters with an order, read from the mailboxes of the servers, so that a new leader knows them too. */
  async #moving(servers: ReadonlySet<ServerId>): Promise<Set<CharacterId>> {
    const mailboxes = await Promise.all([...servers].map((server) => this.#parts.directory.movesFor(server)))
    return new Set(mailboxes.flat().flatMap(({ members }) => members.map(({ character }) => character)))
  }

  /** Parties and keys of the game that wait for an instance. The place in line is the request, so it ends when the party leaves the line. */
  async #waitingOwners({ maps }: Census, now: Instant): Promise<Map<MapName, InstanceOwner[]>> {
    const { policies, directory } = this.#parts
    const lines = [...policies().values()].filter(({ kind, map }) => kind === 'instance' && (maps.get(map)?.waiting ?? 0) > 0)
    const heads = await Promise.all(lines.map(async ({ map }) => [map, await directory.lineHead(map, PARTIES_PER_ROUND, now)] as const))
    return new Map(heads.map(([map, entries]) => [map, entries.map(ownerOf)]))
  }
}
