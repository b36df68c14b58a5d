import { z } from 'zod'
import { limits } from '../../model/economy.ts'

/** Idempotency key chosen by the client: a message with the same key is the same request. */
const request = z.string().min(1).max(64)
const entity = z.int().min(1)

export const askMessage = z.strictObject({ with: entity })
export const acceptMessage = z.strictObject({ from: entity })
export const offerMessage = z.strictObject({
  request,
  money: z.int().min(0).max(limits.money).default(0),
  items: z.array(z.string().min(1).max(64)).max(limits.itemsAtOnce).default([]),
})
export const confirmMessage = z.strictObject({ request, version: z.int().min(0) })
export const cancelMessage = z.strictObject({})
