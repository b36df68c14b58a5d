import { z } from 'zod'
import { guildRanks, limits } from '../economy.ts'

/** Requests and responses of the player API for items and money. Every request that changes something needs the header `idempotency-key`. */
const id = z.string().min(1).max(64)
const person = id.describe('A character: id or name.')
const money = z.int().min(0).max(limits.money).default(0)
const price = z.int().min(1).max(limits.money)
const items = z.array(id).max(limits.itemsAtOnce).default([])

export const idempotencyKey = z.string().regex(/^[\w.:-]{1,64}$/, 'use 1 to 64 letters, digits, dots, colons, dashes, underscores')

export const holdings = z.object({ money: z.int(), items: z.array(z.object({ id, kind: z.string() })) })

export const letterRequest = z.strictObject({
  to: person,
  subject: z.string().trim().min(1).max(limits.subject),
  body: z.string().max(limits.body).default(''),
  money,
  items,
})
export const letterResponse = z.object({ mail: id })
export const mailResponse = z.object({
  mail: z.array(
    z.object({
      id,
      from: id,
      to: id,
      sender: z.enum(['character', 'auction house']),
      subject: z.string(),
      body: z.string(),
      sent: z.number(),
      expires: z.number().optional().describe('After this instant, attachments that were not taken go back to the sender.'),
      returned: z.boolean(),
      attached: holdings,
    }),
  ),
})

export const auctionRequest = z.strictObject({
  items: z.array(id).min(1).max(limits.itemsAtOnce),
  startPrice: price,
  buyout: price.optional(),
  hours: z.union([z.literal(2), z.literal(12), z.literal(24), z.literal(48)]).default(24),
})
export const auctionResponse = z.object({ auction: id })
export const auctionsResponse = z.object({
  auctions: z.array(
    z.object({
      id,
      seller: id,
      items: holdings.shape.items,
      startPrice: z.int(),
      buyout: z.int().optional(),
      ends: z.number(),
      bid: z.object({ amount: z.int(), bidder: id.optional().describe('Only of a bid by the character that asks.') }).optional(),
      state: z.string(),
    }),
  ),
})
export const bidRequest = z.strictObject({ amount: price })
export const bidResponse = z.object({ bid: z.int() })
export const buyResponse = z.object({ price: z.int(), mail: id })

const guildName = z.string().regex(/^[\p{L}\p{N} _'-]{2,32}$/u, 'use 2 to 32 letters, digits, spaces, dashes, underscores or apostrophes')
const rank = z.enum(guildRanks)
export const guildRequest = z.strictObject({ name: guildName })
export const guildJoinRequest = z.strictObject({ guild: id })
export const guildInvitationsResponse = z.object({
  invitations: z.array(
    z.object({
      guild: id,
      name: z.string(),
      inviter: z.object({ character: z.string(), name: z.string() }).optional(),
      expiresAt: z.number().describe('The invitation cannot be accepted after this instant (ms since 1970).'),
    }),
  ),
})
export const guildMemberRequest = z.strictObject({ character: person })
export const guildRankRequest = z.strictObject({ character: person, rank })
export const guildResponse = z.object({
  guild: id,
  rank,
  members: z.array(z.object({ character: id, name: z.string(), rank })),
  bank: holdings,
})
export const bankRequest = z.strictObject({ money, items })

const transaction = z.object({
  id,
  at: z.number(),
  actor: z.string(),
  kind: z.string(),
  note: z.record(z.string(), z.unknown()),
  compensates: id.optional(),
  money: z.array(z.object({ account: z.string(), amount: z.int() })),
  items: z.array(z.object({ item: id, kind: z.string(), from: z.string(), to: z.string() })),
})
export const historyResponse = z.object({
  transaction,
  compensatedBy: id.optional(),
  followed: z.array(transaction).describe('Later transactions that touched the same items or accounts, oldest first; at most 50.'),
})
export const rollbackRequest = z.strictObject({ reason: z.string().trim().min(1).max(200) })
export const rollbackResponse = z.object({ transaction: id, undone: historyResponse })

const count = z.int().min(0)
export const auditResponse = z.object({
  at: z.number(),
  accounts: count,
  items: count,
  transactions: count,
  money: count,
  lostItems: count,
  duplicatedItems: count,
  misplacedItems: count,
  moneyDifference: count,
  unbalancedTransactions: count,
  wrongEscrows: count,
  findings: z.array(z.string()),
})

export type AuctionRequest = z.input<typeof auctionRequest>
export type AuctionResponse = z.infer<typeof auctionResponse>
export type AuctionsResponse = z.infer<typeof auctionsResponse>
export type BankRequest = z.input<typeof bankRequest>
export type BidResponse = z.infer<typeof bidResponse>
export type BuyResponse = z.infer<typeof buyResponse>
export type GuildInvitationsResponse = z.infer<typeof guildInvitationsResponse>
export type GuildRankRequest = z.input<typeof guildRankRequest>
export type GuildResponse = z.infer<typeof guildResponse>
export type HoldingsResponse = z.infer<typeof holdings>
export type LetterRequest = z.input<typeof letterRequest>
export type LetterResponse = z.infer<typeof letterResponse>
export type MailResponse = z.infer<typeof mailResponse>
