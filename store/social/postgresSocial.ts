import type { Kysely } from 'kysely'
import { mapConnectionErrors } from '../database/connectionErrors.ts'
import type { SocialSource } from '../source/socialSource.ts'
import type { Tables } from '../tables.ts'
import { createBlocks } from './blocks.ts'
import * as friendships from './friendships.ts'
import * as parties from './parties.ts'
import { takePlayerNotices } from './playerNotices.ts'
import { settleProfileChanges, takeProfileChanges } from './profileChanges.ts'
import type { Social } from './social.ts'

/** `source`: blocks besides those in the tables. */
export function createSocial(db: Kysely<Tables>, source?: SocialSource): Social {
  const blocks = createBlocks(db, source)
  return {
    friends: (character) => mapConnectionErrors(() => friendships.friends(db, character)),
    friendRequests: (character) => mapConnectionErrors(() => friendships.friendRequests(db, blocks, character)),
    requestFriend: (character, other, now) => mapConnectionErrors(() => friendships.requestFriend(db, blocks, { character, other }, now)),
    acceptFriend: (character, sender) => mapConnectionErrors(() => friendships.acceptFriend(db, blocks, { character, other: sender })),
    dropRequest: (character, other) => mapConnectionErrors(() => friendships.dropRequest(db, character, other)),
    removeFriend: (character, friend) => mapConnectionErrors(() => friendships.removeFriend(db, character, friend)),
    befriend: (character, other) => mapConnectionErrors(() => friendships.befriend(db, blocks, { character, other })),
    blocks: (character) => mapConnectionErrors(() => friendships.blocks(db, character)),
    block: (character, other) => mapConnectionErrors(() => friendships.block(db, character, other)),
    unblock: (character, other) => mapConnectionErrors(() => friendships.unblock(db, character, other)),
    blockedAmong: (character, others) => mapConnectionErrors(async () => (await blocks.of(character)).among(db, others)),
    partyOf: (character, now) => mapConnectionErrors(() => parties.partyOf(db, character, now)),
    createParty: (party, leader) => mapConnectionErrors(() => parties.createParty(db, party, leader)),
    invite: (leader, character, limits) => mapConnectionErrors(() => parties.invite(db, blocks, { leader, character }, limits)),
    invitations: (character, now) => mapConnectionErrors(() => parties.invitations(db, blocks, character, now)),
    acceptInvitation: (character, party, limits) => mapConnectionErrors(() => parties.acceptInvitation(db, blocks, { character, party }, limits)),
    declineInvitation: (character, party) => mapConnectionErrors(() => parties.declineInvitation(db, character, party)),
    leaveParty: (character) => mapConnectionErrors(() => parties.leaveParty(db, character)),
    removeMember: (leader, member) => mapConnectionErrors(() => parties.removeMember(db, leader, member)),
    handOver: (leader, member) => mapConnectionErrors(() => parties.handOver(db, leader, member)),
    takePlayerNotices: (limit) => mapConnectionErrors(() => takePlayerNotices(db, limit)),
    takeProfileChanges: (limit, againAfterMs) => mapConnectionErrors(() => takeProfileChanges(db, limit, againAfterMs)),
    settleProfileChanges: (toSettle) => mapConnectionErrors(() => settleProfileChanges(db, toSettle)),
  }
}
