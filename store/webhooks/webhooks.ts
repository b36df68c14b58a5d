import type { DurationMs, Instant } from '../../model/clock.ts'
import type { WebhookType } from '../../model/webhooks.ts'

/** One message of the outbox. */
export interface WebhookMessage {
  id: number
  /** The receiver's key: the same at each attempt. */
  message: string
  at: Instant
  /** The character or the copy that it is about. Messages of one lane are sent one after the other. */
  lane: string
  type: WebhookType
  data: Record<string, unknown>
  attempts: number
}

export interface DeadWebhook extends WebhookMessage {
  deadAt: Instant
  problem: string
}

export interface WebhookFailure {
  id: number
  lane: string
  due: Instant
  problem: string
}

/** Figures of the outbox at one moment. At most 100,000 are counted. */
export interface WebhookBacklog {
  pending: number
  oldestAt: Instant | undefined
  dead: number
}

export interface SweepLimits {
  now: Instant
  /** Messages that failed and are older become dead. */
  deadAfterMs: DurationMs
  /** Also those that were never tried, because the endpoint does not answer at all. */
  evenUntried: boolean
  /** Most pending messages; the oldest above it become dead. */
  maxPending: number
  /** Most dead messages, and for how long they are kept. */
  maxDead: number
  keepDeadMs: DurationMs
}

/** The outbox. One process sends at a time; any process may read and retry. */
export interface Webhooks {
  /** Which types the triggers write from now on. None: webhooks are off, and what is pending is deleted. */
  setTypes(types: readonly WebhookType[]): Promise<void>
  /** The messages that may be sent now, in the order of their ids: none of a lane in which an earlier one has to wait. */
  due(limit: number, now: Instant): Promise<WebhookMessage[]>
  /** Deletes messages that the receiver has. */
  delivered(ids: readonly number[]): Promise<void>
  /** Delays the lanes of these messages. */
  failed(failures: readonly WebhookFailure[]): Promise<void>
  /** Counts of what became dead, and of dead ones that were deleted. */
  sweep(limits: SweepLimits): Promise<{ died: number; dropped: number }>
  backlog(): Promise<WebhookBacklog>
  dead(limit: number): Promise<DeadWebhook[]>
  /** Sends dead messages again; all of them without a list. Returns how many. */
  retry(messages?: readonly string[]): Promise<number>
  /** Deletes dead messages; all of them without a list. */
  discard(messages?: readonly string[]): Promise<number>
}
