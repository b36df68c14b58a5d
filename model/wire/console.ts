import { z } from 'zod'
import { roles } from '../access/roles.ts'
import { scopes } from '../ticket/serviceToken.ts'
import { decisionRecord } from './decision.ts'

/** Bodies and answers of the routes that only the console calls. */
export const loginRequest = z.strictObject({ name: z.string().min(1).max(64), password: z.string().min(1).max(256) })
/** `GET /v1/session`. Without `person` nobody is signed in. */
export const sessionAnswer = z.object({
  person: z
    .object({
      name: z.string(),
      roles: z.array(z.enum(roles)),
      scopes: z.array(z.enum(scopes)),
      csrf: z.string().describe('Value of the header "strata-csrf" of every request that changes something.'),
    })
    .optional(),
  methods: z.array(z.enum(['password', 'openid'])).describe('Ways to sign in.'),
})
export type SessionAnswer = z.infer<typeof sessionAnswer>

const counts = z.array(z.number())
const shares = z.array(z.number().nullable())
/** `GET /v1/timeline?since=…`: samples of the last hours as columns, oldest first. Times are in ms since 1970. */
export const timelineQuery = z.object({ since: z.coerce.number().min(0).default(0) })
export const timelineAnswer = z.object({
  at: counts,
  players: counts.describe('Held and taken seats.'),
  copies: counts,
  waiting: counts,
  moves: counts.describe('Moves ordered since the sample before.'),
  guildCohesion: shares.describe('Of all pairs of guild-mates on one map, the share in one copy; null without pairs.'),
  partyCohesion: shares,
  friendCohesion: shares.describe('Likewise of friends, over the time since the sample before; null without pairs, or when this orchestrator did not lead.'),
  languageShare: shares.describe('The share of a copy that speaks the language of its players, of the best that was possible; null as above.'),
  maps: z.array(z.object({ map: z.string(), players: counts, copies: counts, waiting: counts })),
})
export type TimelineAnswer = z.infer<typeof timelineAnswer>

/** `GET /v1/copies/:copy`: what a copy's page shows besides its players. */
export const copyAnswer = z.object({
  copy: z.looseObject({ id: z.string(), map: z.string(), server: z.string(), state: z.string() }),
  guilds: z.array(z.object({ guild: z.string(), name: z.string().optional(), players: z.int() })).describe('The largest guilds, largest first.'),
  languages: z.array(z.object({ language: z.string(), players: z.int() })).describe('Most spoken first.'),
  decisions: z.array(decisionRecord).describe('Newest first.'),
})
export type CopyAnswer = z.infer<typeof copyAnswer>

/** Longest text of a policy, in characters: below the limit of a request body. */
const MAX_POLICY = 30_000
const reason = z.string().trim().min(1).max(500).describe('Why; the audit log stores it.')
/** `GET /v1/policies/:map`: the document, the version in force, and the problem of the document while it is refused. */
export const policyText = z.object({ map: z.string(), text: z.string(), version: z.string(), problem: z.string().optional() })
/** `PUT /v1/policies/:map`. `before`: the text that the change began with. */
export const policyWriteRequest = z.strictObject({ text: z.string().min(1).max(MAX_POLICY), before: z.string().max(MAX_POLICY), reason })
/** `POST /v1/policies/:map/try`: lines of JSON. */
export const trialRequest = z.strictObject({ text: z.string().min(1).max(MAX_POLICY) })
export type PolicyText = z.infer<typeof policyText>

/** One line of a trial. `day`: on which day it runs; `recordedMs`: of the time between `from` and `until`, what was recorded; `why`: why not on a recording. `scores`: what `simulate --compare --json` prints. `plot`: SVG. */
export type TrialLine =
  | { type: 'day'; day: 'file' }
  | { type: 'day'; day: 'recorded'; from: number; until: number; recordedMs: number; people: number }
  | { type: 'day'; day: 'generated'; why: string }
  | { type: 'progress'; run: 'today' | 'draft'; percent: number }
  | { type: 'result'; scores: { today: Record<string, unknown>; draft: Record<string, unknown> } & Record<string, unknown>; plot: string }
  | { type: 'failed'; message: string }
