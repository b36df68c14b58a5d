import { z } from 'zod'
import { guildRanks } from '../economy.ts'
import { accountId, characterId, languages } from './characters.ts'
import { isStorable } from './text.ts'

/** Records of the studio's back end: lines of an import, bodies and answers of `/v1/studio/*`. */

/** Most members in one guild line; a roster of this size fits in a line of an import. */
const MAX_MEMBERS = 2_000
/** Most attributes of one character, and longest text of one. All of them are read with each placement. */
const MAX_ATTRIBUTES = 64
const MAX_ATTRIBUTE_LENGTH = 256

const text = (max: number) => z.string().min(1).max(max).refine(isStorable, 'contains a control character or half of a surrogate pair')
export const guildId = text(64)
const guildName = z.string().regex(/^[\p{L}\p{N} _'-]{2,32}$/u, 'use 2 to 32 letters, digits, spaces, dashes, underscores or apostrophes')

const attributes = z
  .record(
    z.string().regex(/^[A-Za-z][\w.-]{0,63}$/, 'name an attribute with letters, digits, dots, dashes and underscores'),
    z.union([z.number(), text(MAX_ATTRIBUTE_LENGTH)]),
  )
  .refine((all) => Object.keys(all).length <= MAX_ATTRIBUTES, `write at most ${MAX_ATTRIBUTES} attributes`)
  .describe('What the game knows of the character, for `placement.attributes` of the policies. Replaces the former attributes.')

export const accountFields = z.strictObject({ displayName: text(255).exactOptional() })
export const characterFields = z.strictObject({
  account: accountId.describe('The account that owns the character; made when it is not there.'),
  name: z.string().min(1).max(128),
  languages: languages.exactOptional().describe('Left out: kept, or "en" for a new character.'),
  attributes: attributes.exactOptional(),
  guild: guildId.nullable().exactOptional().describe('null: the character leaves its guild. Left out: the guild stays.'),
})
export const guildFields = z.strictObject({
  name: guildName,
  members: z
    .array(z.strictObject({ character: characterId, rank: z.enum(guildRanks).default('member') }))
    .max(MAX_MEMBERS)
    .refine((all) => new Set(all.map(({ character }) => character)).size === all.length, 'name each member once')
    .refine((all) => all.filter(({ rank }) => rank === 'leader').length <= 1, 'name one leader at most')
    .exactOptional()
    .describe('The whole roster: members that are not listed leave the guild. Left out: the roster stays.'),
})

const pair = z.tuple([characterId, characterId]).refine(([a, b]) => a !== b, 'name two different characters')
const remove = z.boolean().exactOptional().describe('true: removes the record.')

/** One line of an import. Unknown fields are refused, so that a misspelt one does not get lost. */
export const studioLine = z.discriminatedUnion(
  'kind',
  [
    accountFields.extend({ kind: z.literal('account'), account: accountId }),
    characterFields.extend({ kind: z.literal('character'), character: characterId }),
    guildFields.extend({ kind: z.literal('guild'), guild: guildId }),
    z.strictObject({ kind: z.literal('friendship'), characters: pair, remove }),
    z.strictObject({ kind: z.literal('block'), character: characterId, blocked: characterId, remove }),
  ],
  { error: 'write a kind: account, character, guild, friendship or block' },
)

/** One line of the answer to an import: the result of one line, in order. */
export const importResult = z.union([
  z.object({ line: z.int(), ok: z.literal(true) }),
  z.object({ line: z.int(), ok: z.literal(false), code: z.string(), message: z.string() }),
])
export type ImportResult = z.infer<typeof importResult>

/** Last line of the answer. Without it the connection broke, and lines after the last result may or may not be applied. */
export const importEnd = z.object({
  end: z.object({
    /** Number of the first line without a result. A resumed import starts there. */
    next: z.int(),
    applied: z.int(),
    refused: z.int(),
    /** Why the import stopped before the end of the file. */
    stopped: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }).exactOptional(),
  }),
})
export type ImportEnd = z.infer<typeof importEnd>['end']

export const importQuery = z.strictObject({
  from: z.coerce.number().int().min(1).default(1).describe('Number, in the file, of the first line of this body. Results count from it.'),
  results: z.enum(['all', 'refused']).default('all').describe('refused: only refused lines and the last line are answered.'),
})

/** Reads come in pages, in the order of their keys. */
export const pageQuery = z.strictObject({
  after: z.string().max(1_024).exactOptional().describe('`next` of the previous page.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})
const pageOf = <Row extends z.ZodType>(row: Row) => z.object({ rows: z.array(row), next: z.string().optional().describe('Absent on the last page.') })

const sanction = z.object({ until: z.number(), reason: z.string() })
export const studioAccount = z.object({
  account: z.string(),
  displayName: z.string().optional(),
  createdAt: z.number(),
  ban: sanction.optional(),
  mute: sanction.optional(),
})
export const studioCharacter = z.object({
  character: z.string(),
  account: z.string(),
  entity: z.int(),
  name: z.string(),
  languages: z.array(z.string()),
  guild: z.string().optional(),
  attributes: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
  createdAt: z.number(),
  playedAt: z.number().optional(),
})
export const studioFriendship = z.object({ characters: z.tuple([z.string(), z.string()]), since: z.number() })
export const studioBlock = z.object({
  account: z.string().describe('The account that blocks.'),
  blockedAccount: z.string(),
  blocked: z.string().describe('The character that was named; the block holds for all characters of both accounts.'),
  since: z.number(),
})
export const studioGuild = z.object({ guild: z.string(), name: z.string() })
export const studioRoster = studioGuild.extend({ members: z.array(z.object({ character: z.string(), rank: z.enum(guildRanks) })) })
export const accountPage = pageOf(studioAccount)
export const characterPage = pageOf(studioCharacter)
export const friendshipPage = pageOf(studioFriendship)
export const blockPage = pageOf(studioBlock)
export const guildPage = pageOf(studioGuild)
