import type { DurationMs, Instant } from '../../model/clock.ts'
import { emptyMemory, type PlanMemory } from '../plan/action.ts'
import { type ApplyMemory, applyPlan } from './apply/applyPlan.ts'
import { IdleServers } from './apply/idleServers.ts'
import { OrphanHolds } from './apply/orphanHolds.ts'
import { Backoff } from './backoff.ts'
import { fleetCensus } from './observe/fleetCensus.ts'
import { Lookout } from './observe/look.ts'
import { OwnWrites } from './observe/ownWrites.ts'
import { callSignal, decide, type ReconcilerParts, type Round } from './round.ts'

/** A copy that is still opening after this is given up and opened elsewhere. */
export const OPENING_TIMEOUT_MS: DurationMs = 15_000
/** A server that failed to open a copy of a map gets none of that map for so long. */
const AVOID_MS: DurationMs = 60_000
/** A server that was just allocated may not be listed yet. */
const LISTED_WITHIN_MS: DurationMs = 3_000
/** An emptied directory is whole again within this (rule D1): until then an empty world is not taken at its word. */
const RESTORE_MS: DurationMs = 5_000

/**
 * Level-triggered: each round reads everything anew, plans, and applies the difference. What is kept between rounds is
 * soft, and a new leader does well without it.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts
  readonly #own = new OwnWrites()
  readonly #idle = new IdleServers()
  readonly #orphans = new OrphanHolds()
  readonly #avoid = new Map<string, Instant>()
  readonly #applyMemory: ApplyMemory = { backoff: new Backoff(), lastScale: new Map() }
  readonly #lookout: Lookout
  #memory: PlanMemory
  #emptySince: Instant | undefined
  #hadOpenCopies = true

  constructor(parts: ReconcilerParts, memory: PlanMemory = emptyMemory) {
    this.#parts = parts
    this.#memory = memory
    this.#lookout = new Lookout(parts, this.#own, this.#avoid)
  }

  /** Throws when the world cannot be read, or the signal aborts; what fails while applying is logged and tried again. */
  async round(signal: AbortSignal): Promise<void> {
    const round = await this.#lookout.look(signal)
    const emptied = this.#mayBeEmptied(round)
    await this.#expireOpenings(round)
    const began = performance.now()
    const { census, policies, servers, draining, moving, waitingParties, now } = round
    const { actions, memory } = this.#parts.plan({
      census,
      policies,
      fleets: fleetCensus(servers, census.servers, policies),
      draining,
      moving,
      waitingParties,
      memory: this.#memory,
      now,
    })
    this.#parts.observer.planned((performance.now() - began) / 1000, actions.length)
    this.#parts.observer.forecast?.(memory.forecastErrors ?? new Map())
    this.#memory = memory
    const held = emptied ? actions.filter(({ type }) => type !== 'open' && type !== 'scale') : actions
    await applyPlan(round, held, this.#applyMemory)
    await this.#freeOrphans(round)
    await this.#giveBack(round)
    await this.#forgetServers(round)
    this.#applyMemory.backoff.sweep(now)
    for (const [key, until] of this.#avoid) if (until <= now) this.#avoid.delete(key)
  }

  async #expireOpenings(round: Round): Promise<void> {
    const { now, copies, own, servers } = round
    const listed = new Set(servers.map(({ id }) => id))
    for (const { copy } of [...copies.values()]) {
      const patience = listed.has(copy.server) ? OPENING_TIMEOUT_MS : LISTED_WITHIN_MS
      if (copy.state !== 'opening' || now - copy.since < patience) continue
      await this.#parts.directory.removeCopy(copy.map, copy.id)
      own.removed(copy.map, copy.id, now)
      copies.delete(copy.id)
      this.#avoid.set(`${copy.map} ${copy.server}`, now + AVOID_MS)
      decide(round, 'close', copy.map, `its server did not open it within ${patience / 1000} s`, { copy: copy.id, inputs: { server: copy.server } })
    }
    round.census = own.over(round.census, now)
  }

  /**
   * Not one copy, but servers that are allocated, and no closing that would explain it: a directory that lost everything
   * and is being put together again by the servers. A leader's first round cannot tell, and waits as well.
   */
  #mayBeEmptied({ copies, servers, now }: Round): boolean {
    const suspicious = copies.size === 0 && this.#hadOpenCopies && servers.some(({ state }) => state === 'Allocated')
    this.#hadOpenCopies = [...copies.values()].some(({ copy }) => copy.state === 'open')
    if (suspicious) this.#emptySince = now
    return this.#emptySince !== undefined && now - this.#emptySince < RESTORE_MS
  }

  /** Last of all: with a server go the orders in its mailbox, which the loss of its copies has to settle first. */
  async #forgetServers({ gone, copies }: Round): Promise<void> {
    const hosting = new Set([...copies.values()].map(({ copy }) => copy.server))
    for (const server of gone) {
      if (hosting.has(server)) continue
      await this.#parts.directory.removeServer(server)
      this.#parts.log.info({ server }, 'a server is gone')
    }
  }

  async #freeOrphans({ copies, moving, policies, now }: Round): Promise<void> {
    for (const { copy, seat } of this.#orphans.due(copies.values(), moving, policies, now)) {
      await this.#parts.directory.giveBackSeat(copy.map, copy.id, seat.character, seat.deadline)
      this.#parts.log.info({ copy: copy.id, character: seat.character }, 'freed a seat that was held for a move that nobody ordered')
    }
  }

  async #giveBack(round: Round): Promise<void> {
    const { servers, copies, now, signal } = round
    const hosting = new Set([...copies.values()].map(({ copy }) => copy.server))
    for (const server of this.#idle.due(servers, hosting, now)) {
      const key = `give back ${server}`
      if (!this.#applyMemory.backoff.mayTry(key, now)) continue
      try {
        await this.#parts.fleets.giveBack(server, callSignal(round))
        this.#applyMemory.backoff.succeeded(key)
        this.#parts.log.info({ server }, 'gave back a server without copies')
      } catch (error) {
        signal.throwIfAborted()
        this.#applyMemory.backoff.failed(key, now)
        this.#parts.log.warn({ err: error, server }, 'could not give back a server')
      }
    }
  }
}
