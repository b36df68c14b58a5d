import { z } from 'zod'

const messageId = z.string().regex(/^msg_[0-9a-f]{32}$/, 'a message has an id such as msg_0123…, as strata webhooks shows it')

export const webhooksQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(1_000).default(50) })
export const webhooksAnswer = z.object({
  pending: z.number().describe('Messages that wait.'),
  oldestAt: z.number().optional().describe('When the oldest of them happened.'),
  dead: z.number().describe('Dead letters.'),
  deadLetters: z
    .array(
      z.object({
        message: z.string(),
        type: z.string(),
        at: z.number().describe('When it happened.'),
        deadAt: z.number(),
        attempts: z.number(),
        problem: z.string().describe('What the last attempt failed with.'),
        data: z.record(z.string(), z.unknown()),
      }),
    )
    .describe('The newest first.'),
})
export const deadLettersRequest = z.strictObject({
  messages: z.array(messageId).min(1).max(1_000).optional().describe('Ids of dead letters; if left out, all.'),
  reason: z.string().trim().min(1).max(200),
})
export const deadLettersAnswer = z.object({ changed: z.number() })

export type WebhooksAnswer = z.infer<typeof webhooksAnswer>
