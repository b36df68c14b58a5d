import type { Census, CopyCensus } from '../../../model/census.ts'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId, CopyId, MapName, PartyId, ServerId } from '../../../model/ids.ts'
import { SERVER_BEAT_MS, type ServerReport } from '../../../model/server.ts'
import type { GameServer } from '../../cluster/fleets.ts'
import { CALL_DEADLINE_MS, type ReconcilerParts, type Round } from '../round.ts'
import type { OwnWrites } from './ownWrites.ts'

/** A fleet that does not answer is taken to be as it was for so long; openings and scaling fail meanwhile, moves go on. */
const FLEET_MEMORY_MS: DurationMs = 10_000
/** A server that its fleet does not list, or calls Unhealthy, and that missed two beats, is gone: no need to wait for `SERVER_LOST_AFTER_MS`. */
const GONE_AFTER_MS: DurationMs = 2 * SERVER_BEAT_MS + 500

/** Instances that one round opens at most: the others stand in line a little longer. */
const PARTIES_AT_ONCE = 256

/** Whoever could not look for so long (stopped itself, or the directory was away) cannot say who was silent meanwhile. */
const DEAF_AFTER_MS: DurationMs = 3_000

function goneServers(servers: readonly GameServer[], reports: readonly ServerReport[], now: Instant): ServerId[] {
  const listed = new Set(servers.filter(({ state }) => state !== 'Unhealthy').map(({ id }) => id))
  return reports.filter(({ id, beat }) => !listed.has(id) && now - beat >= GONE_AFTER_MS).map(({ id }) => id)
}

/** Reads everything anew, at the start of each round. */
export class Lookout {
  readonly #parts: ReconcilerParts
  readonly #own: OwnWrites
  readonly #avoid: Map<string, Instant>
  #last: { servers: GameServer[]; at: Instant } | undefined
  #lookedAt: Instant | undefined
  /** A server's silence counts from here on: else all of them would be given up in the first look after an outage. */
  #hearingSince: Instant = 0

  constructor(parts: ReconcilerParts, own: OwnWrites, avoid: Map<string, Instant>) {
    this.#parts = parts
    this.#own = own
    this.#avoid = avoid
  }

  async look(signal: AbortSignal): Promise<Round> {
    const parts = this.#parts
    const now = parts.clock.now()
    const { servers, fresh } = await this.#servers(now, signal)
    const census = this.#own.over(parts.census(), now)
    const reports = this.#heard(census.servers, now)
    const gone = fresh ? goneServers(servers, [...reports.values()], now) : []
    for (const id of gone) reports.delete(id)
    const copies = new Map<CopyId, CopyCensus>()
    for (const map of census.maps.values()) for (const [id, copy] of map.copies) copies.set(id, copy)
    const draining = new Set<ServerId>([
      ...servers.filter(({ overflow }) => overflow).map(({ id }) => id),
      ...[...reports.values()].filter((report) => report.draining).map(({ id }) => id),
    ])
    const moving = await this.#moving(new Set([...copies.values()].map(({ copy }) => copy.server)))
    this.#lookedAt = now
    return {
      parts,
      now,
      signal,
      census: { ...census, servers: reports },
      policies: parts.policies(),
      servers,
      gone,
      draining,
      own: this.#own,
      copies,
      moving,
      waitingParties: await this.#waitingParties(census, now),
      avoid: this.#avoid,
    }
  }

  #heard(servers: ReadonlyMap<ServerId, ServerReport>, now: Instant): Map<ServerId, ServerReport> {
    if (this.#lookedAt !== undefined && now - this.#lookedAt > DEAF_AFTER_MS) this.#hearingSince = now
    return new Map([...servers].map(([id, report]) => [id, report.beat < this.#hearingSince ? { ...report, beat: this.#hearingSince } : report]))
  }

  async #servers(now: Instant, signal: AbortSignal): Promise<{ servers: GameServer[]; fresh: boolean }> {
    try {
      const servers = await this.#parts.fleets.list(AbortSignal.any([signal, AbortSignal.timeout(CALL_DEADLINE_MS)]))
      this.#last = { servers, at: now }
      return { servers, fresh: true }
    } catch (error) {
      signal.throwIfAborted()
      if (this.#last === undefined || now - this.#last.at > FLEET_MEMORY_MS) throw error
      this.#parts.log.warn({ err: error }, 'the fleets do not answer; going on with what they said last')
      return { servers: this.#last.servers, fresh: false }
    }
  }

  /** From the mailboxes themselves, so that a new leader knows it too. */
  async #moving(servers: ReadonlySet<ServerId>): Promise<Set<CharacterId>> {
    const mailboxes = await Promise.all([...servers].map((server) => this.#parts.directory.movesFor(server)))
    return new Set(mailboxes.flat().flatMap(({ members }) => members.map(({ character }) => character)))
  }

  /** Whoever waits for an instance asks for it by standing in line: the request ends with the place. */
  async #waitingParties({ maps }: Census, now: Instant): Promise<Map<MapName, PartyId[]>> {
    const { policies, directory } = this.#parts
    const lines = [...policies().values()].filter(({ kind, map }) => kind === 'instance' && (maps.get(map)?.waiting ?? 0) > 0)
    const heads = await Promise.all(lines.map(async ({ map }) => [map, await directory.lineHead(map, PARTIES_AT_ONCE, now)] as const))
    return new Map(heads.map(([map, entries]) => [map, entries.flatMap(({ holders }) => holders[0]?.party ?? [])]))
  }
}
