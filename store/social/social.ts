import type { Instant } from '../../model/clock.ts'
import type { CharacterId, PartyId } from '../../model/ids.ts'
import type { ChangeTopic } from '../../model/wire/room.ts'
import type { CharacterSettings } from '../accounts/accounts.ts'

/** Another character, as a list of people shows it. */
export interface Person {
  character: CharacterId
  name: string
}

export interface Friend extends Person {
  since: Instant
  settings: CharacterSettings
}

export interface FriendRequest extends Person {
  sentAt: Instant
}

export interface Party {
  party: PartyId
  leader: CharacterId
  /** In order of joining. */
  members: Person[]
  invited: (Person & { expiresAt: Instant })[]
}

export interface PartyInvitation {
  party: PartyId
  inviter: Person
  expiresAt: Instant
}

/** Changes that a caller has taken from the outbox of profile changes. */
export interface TakenChanges {
  characters: CharacterId[]
  /** Ids of rows to settle once they are applied. */
  toSettle: string[]
}

/**
 * Friendships, blocks and parties. Friendships are symmetric. A block ends a friendship, open requests and invitations between two accounts, and refuses new
 * ones with the same answer as for a character that does not exist, so that neither side can tell.
 */
export interface Social {
  friends(character: CharacterId): Promise<Friend[]>
  /** Requests that the character received, and those that it sent; newest first. */
  friendRequests(character: CharacterId): Promise<{ received: FriendRequest[]; sent: FriendRequest[] }>
  /** Asks for a friendship; a request in the other direction is accepted by it. Throws CHARACTER_UNKNOWN (also for a blocked one), SOCIAL_LIMIT. */
  requestFriend(character: CharacterId, other: CharacterId, now: Instant): Promise<'requested' | 'friends'>
  /** Throws REQUEST_UNKNOWN. */
  acceptFriend(character: CharacterId, sender: CharacterId): Promise<void>
  /** Declines a received request or takes back a sent one; no-op without one. */
  dropRequest(character: CharacterId, other: CharacterId): Promise<void>
  removeFriend(character: CharacterId, friend: CharacterId): Promise<void>
  /** Makes them friends without asking: the studio's own social graph. Throws CHARACTER_UNKNOWN. */
  befriend(character: CharacterId, other: CharacterId): Promise<void>

  /** Characters whose accounts this character's account has blocked. */
  blocks(character: CharacterId): Promise<(Person & { since: Instant })[]>
  /** Throws CHARACTER_UNKNOWN, SOCIAL_LIMIT, and BAD_REQUEST for one's own account. */
  block(character: CharacterId, other: CharacterId): Promise<void>
  unblock(character: CharacterId, other: CharacterId): Promise<void>
  /** Of `others`, those between whose account and this character's there is a block, in either direction. */
  blockedAmong(character: CharacterId, others: readonly CharacterId[]): Promise<Set<CharacterId>>

  /** The party of a character; undefined when it is in none. */
  partyOf(character: CharacterId, now: Instant): Promise<Party | undefined>
  /** The character leaves its former party and leads the new one. */
  createParty(party: PartyId, leader: CharacterId): Promise<void>
  /** By the leader. Throws PARTY_UNKNOWN, NOT_LEADER, PARTY_FULL, CHARACTER_UNKNOWN (also for a blocked one). */
  invite(leader: CharacterId, character: CharacterId, limits: { size: number; expiresAt: Instant; now: Instant }): Promise<PartyId>
  invitations(character: CharacterId, now: Instant): Promise<PartyInvitation[]>
  /** Leaves the former party. Throws INVITATION_UNKNOWN, PARTY_FULL. */
  acceptInvitation(character: CharacterId, party: PartyId, limits: { size: number; now: Instant }): Promise<void>
  declineInvitation(character: CharacterId, party: PartyId): Promise<void>
  /** The member who joined first leads from then on when the leader leaves; the last one out ends the party. */
  leaveParty(character: CharacterId): Promise<void>
  /** By the leader. Throws PARTY_UNKNOWN, NOT_LEADER. */
  removeMember(leader: CharacterId, member: CharacterId): Promise<void>
  /** By the leader. Throws PARTY_UNKNOWN, NOT_LEADER. */
  handOver(leader: CharacterId, member: CharacterId): Promise<void>

  /**
   * Takes characters from the outbox whose profile changed and is due, oldest first; each character comes once. They come again `againAfterMs` later, for
   * a character that was entering with the previous profile. Several callers share the work: what one takes, no other gets in this time.
   */
  takeProfileChanges(limit: number, againAfterMs: number): Promise<TakenChanges>
  /** To be called when the taken changes have been applied; those in `toSettle` come back until then. */
  settleProfileChanges(toSettle: readonly string[]): Promise<void>
  /** Takes notices for players in the world: which of their lists changed. Each is taken once. */
  takePlayerNotices(limit: number): Promise<Map<CharacterId, ChangeTopic[]>>
}
