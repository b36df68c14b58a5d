import type { Counter, Registry } from 'prom-client'
import { StrataError } from '../../model/errors.ts'
import type { Decision } from '../../model/placement/decision.ts'
import { backoffMs } from '../../model/retry/backoff.ts'
import type { StoreLog } from '../database/database.ts'
import type { Store } from '../store.ts'
import { type PackedDecision, packDecision } from './candidates.ts'
import { decisionMetrics } from './decisionMetrics.ts'
import { Repeats } from './repeats.ts'

/** Decisions are collected for this long before they are written, in ms. */
const INTERVAL_MS = 200
/** How often the counts of repeated decisions are written, in ms. */
const COUNT_INTERVAL_MS = 10_000
/** Decisions per statement. Larger batches are not faster, and block the event loop longer: serialising 250 takes about 3 ms. */
const BATCH_SIZE = 250
/** Most queued decisions: about one minute at 300 placements per second. Above it the oldest are dropped. */
const CAPACITY = 20_000
/** Longest pause between attempts while the database does not answer, in ms. */
const MAX_BACKOFF_MS = 5_000
/** How long `asyncDispose` waits for queued decisions to be written, in ms. */
const FLUSH_TIMEOUT_MS = 5_000

export interface DecisionWriterOptions {
  store: Pick<Store, 'recordDecisions'>
  log?: StoreLog
  registry?: Registry
  intervalMs?: number
  batch?: number
  capacity?: number
  /** How long `asyncDispose` waits for the database. */
  flushTimeoutMs?: number
}

/**
 * Queues decisions without waiting for the database, and writes them in batches (rule P2). While the database does not answer they stay queued;
 * above the capacity the oldest are dropped, counted and logged. A repeated answer to a repeated request is not written again: its first decision gets a count. `asyncDispose` writes the rest.
 */
export class DecisionWriter implements AsyncDisposable {
  readonly #store: Pick<Store, 'recordDecisions'>
  readonly #log: StoreLog | undefined
  readonly #intervalMs: number
  readonly #batch: number
  readonly #capacity: number
  readonly #flushTimeoutMs: number
  readonly #droppedTotal: Counter | undefined
  readonly #repeats = new Repeats()
  #countTimer: NodeJS.Timeout | undefined
  #queue: PackedDecision[] = []
  /** How many decisions at the head of the queue are being written; they stay queued until the statement has succeeded. */
  #inFlight = 0
  #dropped = 0
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #disposed = false

  constructor(options: DecisionWriterOptions) {
    this.#store = options.store
    this.#log = options.log
    this.#intervalMs = options.intervalMs ?? INTERVAL_MS
    this.#batch = options.batch ?? BATCH_SIZE
    this.#capacity = options.capacity ?? CAPACITY
    this.#flushTimeoutMs = options.flushTimeoutMs ?? FLUSH_TIMEOUT_MS
    if (options.registry === undefined) return
    this.#droppedTotal = decisionMetrics(options.registry, () => this.depth).dropped
  }

  /** Decisions that are not stored yet. */
  get depth(): number {
    return this.#queue.length
  }

  /** Decisions dropped since the start. */
  get dropped(): number {
    return this.#dropped
  }

  add(decision: Decision): void {
    if (this.#disposed) {
      this.#drop(1, 'the decision writer is disposed')
      return
    }
    if (this.#repeats.isRepeat(decision)) this.#countTimer ??= setTimeout(() => this.#enqueueCounts(), COUNT_INTERVAL_MS)
    else this.#enqueue(decision)
  }

  #enqueueCounts(): void {
    clearTimeout(this.#countTimer)
    this.#countTimer = undefined
    for (const counted of this.#repeats.takeCounted()) this.#enqueue(counted)
  }

  #enqueue(decision: Decision): void {
    this.#queue.push(packDecision(decision))
    if (this.#queue.length > this.#capacity) {
      // Keeps the batch that is being written, because it may be stored already. Drops a tenth at once, so that a long outage logs rarely.
      const surplus = Math.max(1, Math.floor(this.#capacity / 10))
      const removed = this.#queue.splice(this.#inFlight, surplus)
      this.#drop(removed.length, 'the database has not answered for too long')
    }
    if (this.#queue.length >= this.#batch && this.#failures === 0) this.#startWriting()
    else this.#schedule()
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#writing !== undefined || this.#disposed) return
    const backoff = { firstMs: 2 * this.#intervalMs, maxMs: MAX_BACKOFF_MS }
    this.#timer = setTimeout(() => this.#startWriting(), this.#failures === 0 ? this.#intervalMs : backoffMs(backoff, this.#failures))
  }

  #startWriting(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
      if (this.#queue.length > 0) this.#schedule()
    })
  }

  /** Writes batch after batch until the queue is empty or the database does not answer. Never rejects. */
  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#nextBatch()
      this.#inFlight = batch.length
      try {
        await this.#write(batch)
        this.#queue.splice(0, batch.length)
        this.#failures = 0
      } catch (error) {
        this.#failures += 1
        if (this.#failures === 1) this.#log?.warn({ err: error, depth: this.depth }, 'Decisions cannot be stored now; they stay queued.')
        return
      } finally {
        this.#inFlight = 0
      }
    }
  }

  /** A decision and its count are written by two statements: one statement cannot write a row twice. */
  #nextBatch(): PackedDecision[] {
    const ids = new Set<string>()
    for (const { id } of this.#queue) {
      if (ids.size === this.#batch || ids.has(id)) break
      ids.add(id)
    }
    return this.#queue.slice(0, ids.size)
  }

  /** Halves a refused batch until the refused decision is alone, so that it does not block the others. */
  async #write(batch: readonly PackedDecision[]): Promise<void> {
    try {
      await this.#store.recordDecisions(batch)
    } catch (error) {
      if (error instanceof StrataError && error.code === 'DEPENDENCY_DOWN') throw error
      if (batch.length === 1) {
        this.#drop(1, error instanceof Error ? error.message : String(error))
        return
      }
      const half = Math.ceil(batch.length / 2)
      await this.#write(batch.slice(0, half))
      await this.#write(batch.slice(half))
    }
  }

  #drop(count: number, why: string): void {
    this.#dropped += count
    this.#droppedTotal?.inc(count)
    this.#log?.warn({ count, dropped: this.#dropped, why }, 'Decisions were dropped.')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return
    this.#enqueueCounts()
    this.#disposed = true
    clearTimeout(this.#timer)
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#flushTimeoutMs)
    })
    const flush = (async () => {
      await this.#writing
      await this.#writeAll()
    })()
    await Promise.race([flush, deadline])
    clearTimeout(timer)
    const left = this.#queue.length
    this.#queue = []
    if (left > 0) this.#drop(left, 'the process ended while the database did not answer')
  }
}
