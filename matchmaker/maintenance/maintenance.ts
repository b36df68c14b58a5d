import type { DurationMs, Instant } from '../../model/clock.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { Random } from '../../model/random.ts'
import type { Leadership } from '../../store/store.ts'
import type { Parts } from '../parts.ts'
import { meetingsIn } from './meetings.ts'

const CHECK_MS: DurationMs = 15_000
const MEETINGS_MS: DurationMs = 5 * 60_000
const DELETE_MS: DurationMs = 10 * 60_000
/** Characters written at once. */
const BATCH_SIZE = 250

/**
 * What one matchmaker does for all of them, whichever gets the lock: writes down who met whom, and forgets what is past its time.
 * Nothing waits for it, and what is missed while a lock changes hands is not made up for.
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

  /** Does what is due, if this process has the lock or can get it. */
  async runIfDue(): Promise<void> {
    if (this.#lead?.lost.aborted === true) this.#lead = undefined
    this.#lead ??= await this.#parts.store.tryLead('chores') // the name of the lock is shared with older releases
    if (this.#lead === undefined) return
    const now = this.#parts.clock.now()
    // The first look only begins to count: nobody knows how long those who are together have been.
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

  /** Copy by copy, so that a world of any size is a row of small writes; a lock that was lost meanwhile ends it. */
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

  /** Each map's decisions as long as its policy says; those of fleets, and of maps that are no more, as long as the longest. */
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
