import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { startAtZero } from '../../service/observe/zero.ts'

export interface WebhookMetrics {
  attempts: Counter<'result'>
  seconds: Histogram
  died: Counter
  dropped: Counter
  pending: Gauge
  dead: Gauge
  oldest: Gauge
}

/** Only the matchmaker that sends sets the gauges; the others show 0. */
export function webhookMetrics(registry: Registry): WebhookMetrics {
  const registers = [registry]
  return {
    attempts: startAtZero(
      new Counter({
        name: 'strata_webhook_attempts_total',
        help: 'Requests to the endpoint of webhooks, by result: delivered or failed',
        labelNames: ['result'],
        registers,
      }),
      { result: ['delivered', 'failed'] },
    ),
    seconds: new Histogram({
      name: 'strata_webhook_seconds',
      help: 'Time until the endpoint of webhooks answered, in seconds',
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    died: new Counter({ name: 'strata_webhooks_died_total', help: 'Webhooks that became dead letters', registers }),
    dropped: new Counter({
      name: 'strata_webhooks_dropped_total',
      help: 'Dead letters of webhooks that were deleted because they were old or too many',
      registers,
    }),
    pending: new Gauge({ name: 'strata_webhooks_pending', help: 'Webhooks that wait in the outbox; at most 100,000 are counted', registers }),
    dead: new Gauge({ name: 'strata_webhooks_dead', help: 'Dead letters of webhooks', registers }),
    oldest: new Gauge({ name: 'strata_webhooks_oldest_seconds', help: 'Age of the oldest webhook in the outbox, in seconds', registers }),
  }
}
