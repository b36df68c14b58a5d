import { Counter, type Registry } from 'prom-client'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { Evidence, Violation } from '../../model/fairness.ts'
import type { Logger } from '../../service/log.ts'
import type { Store } from '../../store/store.ts'
import { PeriodicTask } from './periodicTask.ts'

/** Violations of one kind by one character within this time, in ms, are one row: a cheat violates 20 times a second. */
const MERGE_MS: DurationMs = 10_000
/** How often finished rows are written, in ms. */
const WRITE_EVERY_MS: DurationMs = 2_000
/** Rows per statement, so that a statement stays short. */
const BATCH_SIZE = 250
/** Rows that wait at most. With 4,000 cheats on one server, and one row for each in ten seconds, an outage of 50 s fits. Above it, new rows are dropped and counted. */
const CAPACITY = 20_000
/** Longest text of the evidence that is stored, in characters. */
const TEXT_MAX = 64

/** Collects the violations of all rooms of this process and writes them in batches. Nobody waits for it. */
export class ViolationLog implements AsyncDisposable {
  readonly #store: Pick<Store, 'recordViolations'>
  readonly #now: () => Instant
  readonly #log: Logger
  readonly #dropped: Counter
  readonly #writer: PeriodicTask
  /** Rows that still count repeats, by character and kind. */
  readonly #open = new Map<string, Violation>()
  #waiting: Violation[] = []

  constructor({ store, now, log, registry }: { store: Pick<Store, 'recordViolations'>; now: () => Instant; log: Logger; registry: Registry }) {
    this.#store = store
    this.#now = now
    this.#log = log
    this.#dropped = droppedCounter(registry)
    this.#writer = new PeriodicTask('writing violations', WRITE_EVERY_MS, log, () => this.write(this.#now() - MERGE_MS))
  }

  /** The first violation of a row gives its evidence; the strongest action stays. */
  add(violation: Violation): void {
    const key = `${violation.character} ${violation.kind}`
    const open = this.#open.get(key)
    if (open !== undefined && violation.at - open.at < MERGE_MS) {
      open.count++
      open.trust = violation.trust
      if (strength(violation) > strength(open)) open.action = violation.action
      return
    }
    if (open !== undefined) this.#finish(open)
    this.#open.set(key, { ...violation, evidence: shortened(violation.evidence) })
  }

  /** Writes the rows that began before this instant. */
  async write(before: Instant): Promise<void> {
    for (const [key, open] of this.#open) {
      if (open.at > before) continue
      this.#open.delete(key)
      this.#finish(open)
    }
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH_SIZE)
      await this.#store.recordViolations(batch)
      this.#waiting = this.#waiting.slice(batch.length)
    }
  }

  #finish(violation: Violation): void {
    if (this.#waiting.length < CAPACITY) this.#waiting.push(violation)
    else this.#dropped.inc()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer[Symbol.asyncDispose]()
    await this.write(Number.POSITIVE_INFINITY).catch((error: unknown) => this.#log.warn({ err: error }, 'could not write the last violations'))
  }
}

function strength({ action }: Violation): number {
  return ['none', 'correct', 'warn', 'flag', 'kick'].indexOf(action)
}

function shortened(evidence: Evidence): Evidence {
  return Object.fromEntries(Object.entries(evidence).map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, TEXT_MAX) : value]))
}

export function droppedCounter(registry: Registry): Counter {
  return new Counter({
    name: 'strata_gameserver_violations_dropped_total',
    help: 'Rows of the log of violations that were dropped because the database did not take them in time',
    registers: [registry],
  })
}
