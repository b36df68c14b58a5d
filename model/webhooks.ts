/** The kinds of messages that Strata sends to a studio's endpoint (docs/how-to/webhooks.md). */
export const webhookTypes = ['character.entered', 'character.left', 'character.moved', 'copy.merging', 'copy.reopened'] as const
export type WebhookType = (typeof webhookTypes)[number]
