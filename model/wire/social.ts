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

export const friend = person.extend({
  since: z.number(),
  online: z.boolean().describe('False also for a friend whose setting "presence" is "nobody".'),
  map: z.string().optional().describe('Where the friend is; only of one who is online.'),
  joinable: z.boolean().optional().describe('Whether "enter" and "travel" may name this friend now; only of one who is online.'),
})
export const friendsResponse = z.object({ friends: z.array(friend).describe('In the order of their names.') })
const friendRequest = person.extend({ sentAt: z.number() })
export const friendRequestsResponse = z.object({ received: z.array(friendRequest), sent: z.array(friendRequest) }).describe('Newest first.')
export const friendRequestAnswer = z.object({
  state: z.enum(['requested', 'friends']).describe('"friends" when they were friends already, or when the other one had asked first.'),
})
export const presenceResponse = z
  .object({ online: z.boolean(), map: z.string().optional() })
  .describe('The answer for a character that is offline, hides where it is, or does not exist is the same.')
export const blocksResponse = z.object({ blocks: z.array(person.extend({ since: z.number() })).describe('In the order of their names.') })

export type FriendResponse = z.infer<typeof friend>
export type FriendsResponse = z.infer<typeof friendsResponse>
export type FriendRequestsResponse = z.infer<typeof friendRequestsResponse>
export type FriendRequestAnswer = z.infer<typeof friendRequestAnswer>
export type PresenceResponse = z.infer<typeof presenceResponse>
export type BlocksResponse = z.infer<typeof blocksResponse>
