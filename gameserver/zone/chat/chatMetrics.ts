import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { startAtZero } from '../../../service/observe/zero.ts'

export type ChatMetrics = ReturnType<typeof createChatMetrics>

/** The chat metrics of one game server. */
export function createChatMetrics(registry: Registry) {
  const registers = [registry]
  return {
    messages: startAtZero(
      new Counter({
        name: 'strata_chat_messages_total',
        help: 'Messages that players of this server said, by channel and result (sent, or the error code)',
        labelNames: ['channel', 'result'],
        registers,
      }),
      { channel: ['map', 'party', 'guild', 'whisper', 'custom'], result: ['sent', 'MUTED', 'CHAT_REFUSED', 'TOO_MANY_REQUESTS'] },
    ),
    deliveries: startAtZero(
      new Counter({
        name: 'strata_chat_deliveries_total',
        help: 'Messages for clients of this server, by result (sent, hidden by a block, held until the client has joined, dropped: above its byte budget or not read)',
        labelNames: ['result'],
        registers,
      }),
      { result: ['sent', 'hidden', 'held', 'dropped'] },
    ),
    repeats: new Counter({
      name: 'strata_chat_repeats_total',
      help: 'Messages that this server dropped because they arrived before, or after a later one of the same sender',
      registers,
    }),
    delay: new Histogram({
      name: 'strata_chat_delay_seconds',
      help: 'Time from the check of a message at its server to its delivery here, by the clocks of the two servers',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
      registers,
    }),
    reviews: startAtZero(new Counter({ name: 'strata_chat_reviews_total', help: 'Reviews of messages, by result', labelNames: ['result'], registers }), {
      result: ['done', 'failed', 'skipped'],
    }),
    channels: new Gauge({ name: 'strata_chat_channels', help: 'Channels that this server receives', registers }),
  }
}
