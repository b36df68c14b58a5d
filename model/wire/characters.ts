import { z } from 'zod'
import { isStorable } from './text.ts'

/** Bodies and answers of `/v1/characters`, and the values that they share with the studio's API. */
export const characterId = z.string().regex(/^[\w.:@-]{1,64}$/, 'use 1 to 64 letters, digits, dots, colons, at signs, underscores or dashes')
export const accountId = z.string().min(1).max(255).refine(isStorable, 'contains a control character or half of a surrogate pair')

/** BCP 47 tag of a language with optional script and region: `de`, `pt-BR`, `zh-Hant-TW`. Stored in lower case. */
export const languageTag = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?$/, 'use a BCP 47 language tag such as "de" or "pt-BR"')
  .transform((tag) => tag.toLowerCase())

export const languages = z
  .array(languageTag)
  .min(1)
  .max(8)
  .refine((all) => new Set(all).size === all.length, 'name each language once')
  .describe('Languages that the character speaks, best first.')

export const characterSettings = z.strictObject({
  presence: z.enum(['everyone', 'friends', 'nobody']).describe('Who sees whether and where the character is in the world.'),
  joinable: z.enum(['friends', 'company', 'nobody']).describe('Who may enter the copy where the character is by naming it; company: friends, party and guild.'),
  follow: z.enum(['always', 'ask']).describe('Whether the character goes along when the leader of its party travels: always, or only after it was asked.'),
})

export const characterSummary = z.object({
  character: characterId,
  entity: z.int(),
  name: z.string(),
  languages: z.array(z.string()),
  guild: z.string().optional(),
  settings: characterSettings,
  createdAt: z.number(),
  playedAt: z.number().optional().describe('When it was last saved; absent: it never played.'),
})

export const createCharacterRequest = z.strictObject({
  name: z.string().min(1).max(128).describe('Unique without regard to case; must not look like another character\u2019s name.'),
  languages: languages.optional().describe('Left out: the language of the session, else of the header Accept-Language, else "en".'),
})
export const changeCharacterRequest = z.strictObject({
  name: z.string().min(1).max(128).optional(),
  languages: languages.optional(),
  settings: characterSettings.partial().optional(),
})
export const charactersResponse = z.object({ account: z.string(), limit: z.int(), characters: z.array(characterSummary) })

export const loginRequest = z.strictObject({ account: accountId.describe('The account to sign a session for.') })
export const loginResponse = z.object({ session: z.string(), account: z.string() })

export type CreateCharacterRequest = z.input<typeof createCharacterRequest>
export type ChangeCharacterRequest = z.input<typeof changeCharacterRequest>
export type CharacterResponse = z.infer<typeof characterSummary>
export type CharactersResponse = z.infer<typeof charactersResponse>
export type LoginRequest = z.infer<typeof loginRequest>
export type LoginResponse = z.infer<typeof loginResponse>
