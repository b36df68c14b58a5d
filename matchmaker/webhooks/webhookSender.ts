import { setTimeout as pause } from 'node:timers/promises'
import type { Registry } from 'prom-client'
import type { Clock, DurationMs, Instant } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import type { Random } from '../../model/random.ts'
import { backoffMs } from '../../model/retry/backoff.ts'
import type { Logger } from '../../service/log.ts'
import type { Leadership, Store } from '../../store/store.ts'
import type { WebhookMessage, Webhooks } from '../../store/webhooks/webhooks.ts'
import type { Attempt, Endpoint } from './endpoint.ts'
import { mapOfCopy } from './mapOfCopy.ts'
import { type WebhookMetrics, webhookMetrics } from './webhookMetrics.ts'
import type { WebhookConfig } from './webhookSettings.ts'

/** Pause after a round that found less than a full batch, in ms. */
const IDLE_MS: DurationMs = 250
/** Pause between two attempts to become the process that sends, in ms. */
const LEAD_EVERY_MS: DurationMs = 5_000
const SWEEP_EVERY_MS: DurationMs = 30_000
/** Pauses of one message. After an outage of hours it is tried again within ten minutes. */
const MESSAGE_TIMES = { firstMs: 1_000, maxMs: 600_000 }
/** Pauses between two messages that try whether an endpoint is up again. */
const DOWN_TIMES = { firstMs: 1_000, maxMs: 30_000 }
/** Messages per round. */
const BATCH = 500
/** After this many failures in a row, in different lanes, the endpoint counts as down: one message at a time tries it. */
const FAILURES_UNTIL_DOWN = 5
const MAX_DEAD = 100_000
const KEEP_DEAD_MS: DurationMs = 7 * 24 * 3_600_000

export interface SenderParts {
  store: Pick<Store, 'tryLead'>
  webhooks: Webhooks
  endpoint: Endpoint
  config: Pick<WebhookConfig, 'deadAfterMs' | 'atOnce' | 'maxPending'>
  /** The maps that exist, to name the map of a copy. */
  maps(): Iterable<MapName>
  registry: Registry
  clock: Clock
  random: Random
  log: Pick<Logger, 'info' | 'warn'>
  sweepEveryMs?: DurationMs
}

/**
 * Sends the outbox. The matchmaker that holds the lock sends for all, so that messages of one lane stay in order. When the lock changes hands, one message may arrive
 * twice and late; receivers compare `data.epoch` (docs/how-to/webhooks.md).
 */
export class WebhookSender implements AsyncDisposable {
  readonly #parts: SenderParts
  readonly #metrics: WebhookMetrics
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #lead: Leadership | undefined
  #failuresInARow = 0
  #sweptAt: Instant | undefined

  constructor(parts: SenderParts) {
    this.#parts = parts
    this.#metrics = webhookMetrics(parts.registry)
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const waitMs = await this.#round().catch((error: unknown) => {
        this.#parts.log.warn({ err: error }, 'webhooks were not sent; the next round tries again')
        return LEAD_EVERY_MS
      })
      if (waitMs > 0) await pause(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Returns the pause until the next round, in ms. */
  async #round(): Promise<DurationMs> {
    const { store, webhooks, clock } = this.#parts
    if (this.#lead?.lost.aborted === true) this.#lead = undefined
    this.#lead ??= await store.tryLead('webhooks')
    if (this.#lead === undefined) return LEAD_EVERY_MS
    const now = clock.now()
    if (this.#sweptAt === undefined || now - this.#sweptAt >= (this.#parts.sweepEveryMs ?? SWEEP_EVERY_MS)) await this.#sweep(now)
    const down = this.#failuresInARow >= FAILURES_UNTIL_DOWN
    const messages = await webhooks.due(down ? 1 : BATCH, now)
    const lanes = [...Map.groupBy(messages, ({ lane }) => lane).values()]
    await Promise.all(Array.from({ length: Math.min(this.#parts.config.atOnce, lanes.length) }, () => this.#sendLanes(lanes)))
    if (this.#failuresInARow >= FAILURES_UNTIL_DOWN) return backoffMs(DOWN_TIMES, this.#failuresInARow - FAILURES_UNTIL_DOWN + 1, this.#parts.random)
    return messages.length < BATCH && !down ? IDLE_MS : 0
  }

  /** Takes lanes from the list until it is empty. Stops when the endpoint is down, or when another process may send. */
  async #sendLanes(lanes: WebhookMessage[][]): Promise<void> {
    for (;;) {
      const wasDown = this.#failuresInARow >= FAILURES_UNTIL_DOWN
      const lane = lanes.shift()
      if (lane === undefined) return
      await this.#sendLane(lane)
      if (wasDown || this.#failuresInARow >= FAILURES_UNTIL_DOWN) return
    }
  }

  /** Sends the messages of one lane until one fails. */
  async #sendLane(lane: readonly WebhookMessage[]): Promise<void> {
    const { webhooks, random, clock } = this.#parts
    const delivered: number[] = []
    try {
      for (const message of lane) {
        if (this.#stopping.signal.aborted || this.#lead?.lost.aborted !== false) return
        const attempt = await this.#attempt(message)
        if (attempt.delivered) {
          delivered.push(message.id)
          continue
        }
        if (this.#stopping.signal.aborted) return
        const waitMs = Math.max(attempt.retryAfterMs ?? 0, backoffMs(MESSAGE_TIMES, message.attempts + 1, random))
        await webhooks.failed([{ id: message.id, lane: message.lane, due: clock.now() + waitMs, problem: attempt.problem }])
        return
      }
    } finally {
      // A crash before this sends them again: at least once.
      if (delivered.length > 0) await webhooks.delivered(delivered)
    }
  }

  async #attempt(message: WebhookMessage): Promise<Attempt> {
    const { endpoint, clock, log, maps } = this.#parts
    const stop = this.#metrics.seconds.startTimer()
    const attempt = await endpoint.send(message, withMaps(message.data, maps()), clock.now(), this.#stopping.signal)
    stop()
    this.#metrics.attempts.inc({ result: attempt.delivered ? 'delivered' : 'failed' })
    if (attempt.delivered) this.#failuresInARow = 0
    else if (!attempt.refused) this.#failuresInARow++
    if (!attempt.delivered)
      log.warn({ message: message.message, type: message.type, attempts: message.attempts + 1, problem: attempt.problem }, 'a webhook failed; it is sent again')
    return attempt
  }

  async #sweep(now: Instant): Promise<void> {
    const { webhooks, config, log } = this.#parts
    this.#sweptAt = now
    const { died, dropped } = await webhooks.sweep({
      ...config,
      now,
      evenUntried: this.#failuresInARow >= FAILURES_UNTIL_DOWN,
      maxDead: MAX_DEAD,
      keepDeadMs: KEEP_DEAD_MS,
    })
    if (died + dropped > 0) log.warn({ died, dropped }, 'webhooks became dead letters, or dead letters were deleted; see strata webhooks')
    const { pending, oldestAt, dead } = await webhooks.backlog()
    this.#metrics.died.inc(died)
    this.#metrics.dropped.inc(dropped)
    this.#metrics.pending.set(pending)
    this.#metrics.dead.set(dead)
    this.#metrics.oldest.set(oldestAt === undefined ? 0 : Math.max(0, now - oldestAt) / 1_000)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#running
    await this.#lead?.[Symbol.asyncDispose]()
  }
}

/** The database knows copies and no maps. */
function withMaps(data: Record<string, unknown>, maps: Iterable<MapName>): Record<string, unknown> {
  const { copy, from, map } = data
  const all = [...maps]
  const named = (key: string, id: unknown) => {
    const found = typeof id === 'string' ? mapOfCopy(id, all) : undefined
    return found === undefined ? {} : { [key]: found }
  }
  return { ...data, ...(map === undefined ? named('map', copy) : {}), ...named('fromMap', from) }
}
