import type { DurationMs, Instant } from '../../model/clock.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { Random } from '../../model/random.ts'
import type { Leadership } from '../../store/store.ts'
import type { Parts } from '../parts.ts'
import { meetingsIn } from './meetings.ts'

/** How often this process checks for due work, in ms. Also the time until another process takes over after the leader died. */
const CHECK_MS: DurationMs = 15_000
/** How often meetings are recorded, in ms. They are counted in minutes. */
const MEETINGS_MS: DurationMs = 5 * 60_000
/** How often expired decisions and records are deleted, in ms. */
const DELETE_MS: DurationMs = 10 * 60_000
/** Characters per write, so that each transaction stays short. */
const BATCH_SIZE = 250

/**
 * Work that one matchmaker does for all, namely the one that holds the lock: it records who met whom, and deletes expired decisions and records. No
 * request waits for it. Work missed while the lock changes hands is skipped.
 */
export class Maintenance implements AsyncDisposable {
  readonly #parts: Parts
  readonly #random: Random
  readonly #timer: NodeJS.Timeout
  #lead: Leadership | undefined
  #working: Promise<void> | undefined
  #meetingsAt: Instant | undefined
  #deletedAt: Instant | undefined

  constructor(parts: Parts, random: Random) {
    this.#parts = parts
    this.#random = random
    this.#timer = setInterval(() => this.#start(), CHECK_MS)
  }

  #start(): void {
    this.#working ??= this.runIfDue()
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'maintenance failed; the next check retries it'))
      .finally(() => {
        this.#working = undefined
      })
  }

  /** Does the work that is due, if this process holds the lock or can take it. */
  async runIfDue(): Promise<void> {
    if (this.#lead?.lost.aborted === true) this.#lead = undefined
    this.#lead ??= await this.#parts.store.tryLead('chores') // the name of the lock is shared with older releases
    if (this.#lead === undefined) return
    const now = this.#parts.clock.now()
    // The first run only starts the clock, because it does not know how long the players have been together.
    this.#meetingsAt ??= now
    if (now - this.#meetingsAt >= MEETINGS_MS) {
      await this.#writeMeetings(now, now - this.#meetingsAt)
      this.#meetingsAt = now
    }
    if (this.#deletedAt === undefined || now - this.#deletedAt >= DELETE_MS) {
      await this.#deleteExpired(now)
      this.#deletedAt = now
    }
  }

  /** Writes in batches, and stops when the lock is lost. */
  async #writeMeetings(now: Instant, elapsedMs: DurationMs): Promise<void> {
    const minutes = Math.min(elapsedMs, 2 * MEETINGS_MS) / 60_000
    const copies = [...this.#parts.world.census().maps.values()].flatMap((map) => [...map.copies.values()])
    let batch = new Map<CharacterId, Record<CharacterId, number>>()
    for (const copy of copies) {
      for (const [character, met] of meetingsIn(copy, minutes, this.#random)) batch.set(character, met)
      if (batch.size < BATCH_SIZE) continue
      if (this.#lead?.lost.aborted !== false) return
      await this.#parts.store.recordMeetings(batch, now)
      batch = new Map()
    }
    if (batch.size > 0) await this.#parts.store.recordMeetings(batch, now)
  }

  /**
   * Deletes decisions older than their map's policy keeps them. Decisions about fleets, and about maps without a policy, are kept for the longest of
   * these times.
   */
  async #deleteExpired(now: Instant): Promise<void> {
    const { store, log } = this.#parts
    const policies = [...this.#parts.policies().values()]
    if (policies.length === 0) return
    let decisions = await store.forgetDecisions(now - Math.max(...policies.map((policy) => policy.decisions.keepMs)))
    for (const { map, decisions: kept } of policies) decisions += await store.forgetDecisions(now - kept.keepMs, map)
    const records = await store.forgetRecords(now)
    if (decisions + records > 0) log.info({ decisions, records }, 'deleted expired decisions and records')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#working
    await this.#lead?.[Symbol.asyncDispose]()
  }
}
