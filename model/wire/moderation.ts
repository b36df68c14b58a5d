import { z } from 'zod'
import { fairnessActions, violationKinds } from '../fairness.ts'

/** Bodies and answers of the routes for moderators and for the rights of people. */
const reason = z.string().trim().min(1).max(500).describe('Why; the player sees it, and the audit log stores it.')
/** Longest text of a message or an announcement, in characters. */
const MAX_TEXT = 500
const text = z
  .string()
  .trim()
  .min(1)
  .max(MAX_TEXT)
  .regex(/^\P{Cc}*$/u, 'control characters are not allowed')

export const playerName = z
  .string()
  .min(1)
  .max(270)
  .describe('An account, or a character by id or name. If both exist, write "account:ID" or "character:NAME".')

export const sanctionRequest = z.strictObject({
  player: playerName,
  reason,
  until: z.int().positive().optional().describe('End, in ms since 1970. Without it: until it is lifted.'),
})
export const liftRequest = z.strictObject({ player: playerName, reason })
export const kickRequest = liftRequest
export const messageRequest = z.strictObject({ player: playerName, text })
export const announceRequest = z.strictObject({ map: z.string().min(1).max(64).optional().describe('Without it: all maps.'), text })
export const auditQuery = z.strictObject({ player: playerName.optional(), limit: z.coerce.number().int().min(1).max(1_000).default(100) })
export const eraseRequest = z.strictObject({ reason })

export const sanctionAnswer = z.object({
  account: z.string(),
  until: z.number().optional().describe('Absent: no ban or mute is in force.'),
  ended: z.number().describe('Sessions in the world that the ban ended.'),
})
export const kickAnswer = z.object({ account: z.string(), ended: z.number().describe('Sessions in the world that end. 0: the player is not in the world.') })
export const messageAnswer = z.object({ characters: z.array(z.string()).describe('Characters in the world that the message goes to.') })
export const announceAnswer = z.object({ announced: z.literal(true) })
const auditEntry = z.object({
  at: z.number(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  reason: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})
export const auditLogAnswer = z.object({ entries: z.array(auditEntry).describe('Newest first.') })
export const violationsQuery = z.strictObject({
  player: playerName.optional(),
  flagged: z.enum(['true', 'false']).default('false').describe('true: only those at which the policy flagged or kicked.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})
const violationAnswer = z.object({
  at: z.number(),
  character: z.string(),
  name: z.string(),
  map: z.string(),
  copy: z.string(),
  tick: z.number().describe('Number of the simulation step in that copy.'),
  kind: z.enum(violationKinds),
  count: z.int().describe('Violations of this kind within ten seconds; the other fields are those of the first.'),
  action: z.enum([...fairnessActions, 'none']),
  x: z.number(),
  y: z.number(),
  evidence: z.record(z.string(), z.union([z.number(), z.string()])).describe('What the server saw.'),
  trust: z.number().describe('Trust score of the character after it, 0..100.'),
})
export const violationsAnswer = z.object({ violations: z.array(violationAnswer).describe('Newest first.') })
export type ViolationsAnswer = z.infer<typeof violationsAnswer>
const sanction = z.object({ until: z.number(), reason: z.string() })
export const playerAnswer = z.object({
  account: z.string(),
  displayName: z.string().optional(),
  createdAt: z.number(),
  ban: sanction.optional().describe('Also one that has ended.'),
  mute: sanction.optional().describe('Also one that has ended.'),
  characters: z.array(z.object({ character: z.string(), name: z.string(), map: z.string().optional(), copy: z.string().optional() })),
  entries: z.array(auditEntry).describe('The audit log of the account, newest first.'),
})
export const exportAnswer = z.looseObject({ account: z.looseObject({ account: z.string() }) })
export const eraseAnswer = z.object({ account: z.string(), characters: z.number() })

export type PlayerAnswer = z.infer<typeof playerAnswer>
export type AuditLogAnswer = z.infer<typeof auditLogAnswer>
