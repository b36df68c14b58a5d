import { Webhook } from 'standardwebhooks'
import { z } from 'zod'
import { StrataError } from '../../model/errors.ts'
import { type WebhookType, webhookTypes } from '../../model/webhooks.ts'

const listed = (text: string): string[] => text.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))

/** Settings of the matchmaker: where it sends webhooks. */
export const webhookSettings = {
  /** The studio's endpoint for webhooks. Without it none are sent, and none are kept. */
  WEBHOOK_URL: z.url({ protocol: /^https?$/, message: 'needs a URL' }).optional(),
  /** Secrets that sign webhooks, `whsec_` and base64, separated by commas. Each message has one signature of each. */
  WEBHOOK_SECRETS: z.string().default('').transform(listed),
  /** The types that are sent, separated by commas; by default all. */
  WEBHOOK_TYPES: z
    .string()
    .default(webhookTypes.join(','))
    .transform(listed)
    .pipe(z.array(z.enum(webhookTypes))),
  /** A message that the endpoint has not taken for this many hours is a dead letter (`strata webhooks`). */
  WEBHOOK_DEAD_AFTER_HOURS: z.coerce.number().positive().max(720).default(24),
  /** Requests to the endpoint at the same time; one at a time for each character. */
  WEBHOOK_REQUESTS_AT_ONCE: z.coerce.number().int().min(1).max(256).default(8),
  /** Most messages that wait. The oldest above it become dead letters. */
  WEBHOOK_OUTBOX_MAX: z.coerce.number().int().min(1_000).default(1_000_000),
}

export interface WebhookConfig {
  url: string
  secrets: readonly string[]
  types: readonly WebhookType[]
  deadAfterMs: number
  atOnce: number
  maxPending: number
}

/** Undefined: webhooks are off. Throws SETTING_INVALID. */
export function webhooksFrom(env: z.output<z.ZodObject<typeof webhookSettings>>): WebhookConfig | undefined {
  const { WEBHOOK_URL: url, WEBHOOK_SECRETS: secrets, WEBHOOK_TYPES: types } = env
  if (url === undefined) return undefined
  const refuse = (problem: string): never => {
    throw new StrataError('SETTING_INVALID', { setting: 'WEBHOOK_SECRETS', problem })
  }
  if (secrets.length === 0) return refuse('WEBHOOK_URL needs a secret: "whsec_" and 24 to 64 random bytes in base64')
  for (const secret of secrets) {
    const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length
    if (bytes < 24 || bytes > 64) refuse(`a secret has ${bytes} bytes; write "whsec_" and 24 to 64 random bytes in base64`)
    try {
      new Webhook(secret)
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error))
    }
  }
  return {
    url,
    secrets,
    types,
    deadAfterMs: env.WEBHOOK_DEAD_AFTER_HOURS * 3_600_000,
    atOnce: env.WEBHOOK_REQUESTS_AT_ONCE,
    maxPending: env.WEBHOOK_OUTBOX_MAX,
  }
}
