import { z } from 'zod'
import { characterId } from './characters.ts'

/** Bodies and answers of the routes about parties, friends and blocks. */
export const named = z.strictObject({ character: z.string().min(1).max(128).describe('Id or name of the other character.') })
const person = z.object({ character: characterId, name: z.string() })

export const partyResponse = z.object({
  party: z.string(),
  leader: characterId,
  members: z.array(person).describe('In order of joining.'),
  invited: z.array(person.extend({ expiresAt: z.number() })),
})
export const partyInvitation = z.object({
  party: z.string(),
  inviter: person,
  expiresAt: z.number().describe('The invitation cannot be accepted after this instant (ms since 1970).'),
})
export const invitationsResponse = z.object({ invitations: z.array(partyInvitation) })
export const partyId = z.object({ party: z.string().min(1).max(64) })

export type PartyResponse = z.infer<typeof partyResponse>
export type PartyInvitation = z.infer<typeof partyInvitation>
export type InvitationsResponse = z.infer<typeof invitationsResponse>
