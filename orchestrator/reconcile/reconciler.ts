import type { DurationMs, Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { emptyMemory, type PlanMemory } from '../plan/action.ts'
import { budgetsOf } from '../plan/budget/spending.ts'
import { type ApplyMemory, applyPlan } from './apply/applyPlan.ts'
import { IdleServers } from './apply/idleServers.ts'
import { OrphanHolds } from './apply/orphanHolds.ts'
import { KeyedBackoff } from './keyedBackoff.ts'
import { fleetCensus } from './observe/fleetCensus.ts'
import { MoversPeople } from './observe/moversPeople.ts'
import { OwnWrites } from './observe/ownWrites.ts'
import { WorldReader } from './observe/worldReader.ts'
import { callSignal, type ReconcilerParts, type Round, recordDecision } from './round.ts'

/** A copy that has not opened within this is removed, and the plan opens another one. */
export const OPENING_TIMEOUT_MS: DurationMs = 15_000
/** How long a server that failed to open a copy gets no copy of the same map. */
const AVOID_MS: DurationMs = 60_000
/** The same timeout when the fleet does not list the server. Not 0, because a server that was just allocated may not be listed yet. */
const LISTED_WITHIN_MS: DurationMs = 3_000
/** The game servers restore an emptied directory within this time (rule D1). Until then nothing is opened because of missing copies. */
const RESTORE_MS: DurationMs = 5_000

/** Runs level-triggered rounds: each round reads the whole world, plans, and applies the difference. State between rounds is soft: a new leader starts without it. */
export class Reconciler {
  readonly #parts: ReconcilerParts
  readonly #own = new OwnWrites()
  readonly #idle = new IdleServers()
  readonly #orphans = new OrphanHolds()
  readonly #avoid = new Map<string, Instant>()
  readonly #applyMemory: ApplyMemory = { backoff: new KeyedBackoff(), lastScale: new Map() }
  readonly #reader: WorldReader
  readonly #people: MoversPeople | undefined
  #memory: PlanMemory
  #emptySince: Instant | undefined
  #hadOpenCopies = true

  constructor(parts: ReconcilerParts, memory: PlanMemory = emptyMemory) {
    this.#parts = parts
    this.#memory = memory
    this.#people = parts.profiles === undefined ? undefined : new MoversPeople(parts.profiles, parts.log)
    this.#reader = new WorldReader(parts, this.#own, this.#avoid)
  }

  /** Throws when the world cannot be read or the signal aborts. A failed action is logged, and a later round tries it again. */
  async round(signal: AbortSignal): Promise<void> {
    const { observer } = this.#parts
    const began = performance.now()
    const ended = (result: 'done' | 'failed'): void => observer.round?.((performance.now() - began) / 1_000, result)
    try {
      await this.#round(signal)
      ended('done')
    } catch (error) {
      if (!signal.aborted) ended('failed')
      throw error
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const round = await this.#reader.read(signal)
    this.#parts.observer.servers?.(round.servers)
    const emptied = this.#mayBeEmptied(round)
    await this.#expireOpenings(round)
    const { census, policies, draining, moving, waitingOwners, now } = round
    const people = await this.#people?.of({ ...round, memory: this.#memory })
    const began = performance.now()
    const { actions, memory } = this.#parts.plan({
      census,
      policies,
      fleets: fleetCensus(round),
      draining,
      moving,
      waitingOwners,
      ...defined({ people, holds: this.#parts.holds?.() }),
      memory: this.#memory,
      now,
    })
    this.#parts.observer.planned((performance.now() - began) / 1000, actions.length)
    this.#parts.observer.forecast?.(
      new Map([...memory.maps].flatMap(([map, { forecastError }]) => (forecastError === undefined ? [] : [[map, forecastError]]))),
    )
    if (memory.spending !== undefined) this.#parts.observer.budgets?.(budgetsOf(memory.spending))
    this.#memory = memory
    const allowed = emptied ? actions.filter(({ type }) => type !== 'open' && type !== 'scale') : actions
    await applyPlan(round, allowed, this.#applyMemory)
    await this.#freeOrphans(round)
    await this.#giveBack(round)
    await this.#removeGoneServers(round)
    this.#applyMemory.backoff.sweep(now)
    for (const [key, until] of this.#avoid) if (until <= now) this.#avoid.delete(key)
  }

  async #expireOpenings(round: Round): Promise<void> {
    const { now, copies, own, servers } = round
    const listed = new Set(servers.map(({ id }) => id))
    for (const { copy } of [...copies.values()]) {
      const timeoutMs = listed.has(copy.server) ? OPENING_TIMEOUT_MS : LISTED_WITHIN_MS
      if (copy.state !== 'opening' || now - copy.since < timeoutMs) continue
      await this.#parts.directory.removeCopy(copy.map, copy.id)
      own.removed(copy.map, copy.id, now)
      copies.delete(copy.id)
      this.#avoid.set(`${copy.map} ${copy.server}`, now + AVOID_MS)
      const reason = `its server did not open it within ${timeoutMs / 1000} s`
      recordDecision(round, { kind: 'close', map: copy.map, reason, copy: copy.id, inputs: { server: copy.server } })
    }
    round.census = own.overlay(round.census, now)
  }

  /**
   * Whether the directory may have lost everything and the game servers are restoring it: there is no copy at all, servers are allocated, and no
   * copy was closing before. The first round of a leader cannot know what was before, and waits as well. Servers whose old reports are still there
   * were lost themselves.
   */
  #mayBeEmptied({ copies, servers, silent, now }: Round): boolean {
    const suspicious = copies.size === 0 && this.#hadOpenCopies && servers.some(({ id, state }) => state === 'Allocated' && !silent.has(id))
    this.#hadOpenCopies = [...copies.values()].some(({ copy }) => copy.state === 'open')
    if (suspicious) this.#emptySince = now
    return this.#emptySince !== undefined && now - this.#emptySince < RESTORE_MS
  }

  /** Runs after the plan is applied: removing a server deletes the orders in its mailbox, and losing its copies settles those orders first. */
  async #removeGoneServers({ gone, copies }: Round): Promise<void> {
    const hosting = new Set([...copies.values()].map(({ copy }) => copy.server))
    for (const server of gone) {
      if (hosting.has(server)) continue
      await this.#parts.directory.removeServer(server)
      this.#parts.log.info({ server }, 'removed a server that is gone')
    }
  }

  async #freeOrphans({ copies, moving, policies, now }: Round): Promise<void> {
    for (const { copy, seat } of this.#orphans.due(copies.values(), moving, policies, now)) {
      await this.#parts.directory.giveBackSeat(copy.map, copy.id, seat.character, seat.deadline)
      this.#parts.log.info({ copy: copy.id, character: seat.character }, 'freed a seat that was held for a move without an order')
    }
  }

  async #giveBack(round: Round): Promise<void> {
    const { servers, silent, copies, now, signal } = round
    const hosting = new Set([...copies.values()].map(({ copy }) => copy.server))
    const answering = servers.filter(({ id }) => !silent.has(id))
    for (const server of this.#idle.due(answering, hosting, now)) {
      const key = `give back ${server}`
      if (!this.#applyMemory.backoff.mayTry(key, now)) continue
      try {
        await this.#parts.fleets.giveBack(server, callSignal(round))
        this.#applyMemory.backoff.succeeded(key)
        this.#parts.log.info({ server }, 'gave back a server without copies')
      } catch (error) {
        signal.throwIfAborted()
        this.#applyMemory.backoff.failed(key, now)
        this.#parts.log.warn({ err: error, server }, 'could not give back a server; trying again')
      }
    }
  }
}
