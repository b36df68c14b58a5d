import fc from 'fast-check'
import { expect, it } from 'vitest'
import { StrataError } from '../../../model/errors.ts'
import { storeOfFile } from '../../storeOfFile.ts'

const database = await storeOfFile()

/** Accounts per history, each with this many characters: a block of one account has to reach all of them. */
const ACCOUNTS = 3
const CHARACTERS = 2
const now = 1_700_000_000_000

const acts = [
  'request',
  'accept',
  'drop',
  'remove',
  'befriend',
  'block',
  'unblock',
  'createParty',
  'invite',
  'join',
  'leave',
  'guildInvite',
  'guildJoin',
] as const
const person = fc.nat({ max: ACCOUNTS * CHARACTERS - 1 })
const step = fc.record({ act: fc.constantFrom(...acts), who: person, other: person })
let histories = 0

async function people(prefix: string): Promise<string[]> {
  const ids: string[] = []
  for (let account = 0; account < ACCOUNTS; account++) {
    for (let n = 0; n < CHARACTERS; n++) {
      const character = `${prefix}-${account}-${n}`
      const lines = [{ kind: 'character', character, account: `${prefix}-${account}`, name: character.replaceAll('-', ' ') }] as const
      await database.store.studio.apply(lines)
      ids.push(character)
    }
  }
  return ids
}

async function perform(prefix: string, ids: readonly string[], { act, who, other }: { act: (typeof acts)[number]; who: number; other: number }): Promise<void> {
  const { social, economy } = database.store
  const [a, b] = [ids[who] ?? '', ids[other] ?? '']
  const limits = { size: 5, now, expiresAt: now + 60_000 }
  const run = {
    request: () => social.requestFriend(a, b, now),
    accept: () => social.acceptFriend(a, b),
    drop: () => social.dropRequest(a, b),
    remove: () => social.removeFriend(a, b),
    befriend: () => social.befriend(a, b),
    block: () => social.block(a, b),
    unblock: () => social.unblock(a, b),
    createParty: () => social.createParty(`${prefix}-party-${who}-${crypto.randomUUID()}`, a),
    invite: () => social.invite(a, b, limits),
    join: async () => {
      const [open] = await social.invitations(a, now)
      if (open !== undefined) await social.acceptInvitation(a, open.party, limits)
    },
    leave: () => social.leaveParty(a),
    guildInvite: () => economy.inviteToGuild(a, b),
    guildJoin: async () => {
      const [open] = await economy.guildInvitations(a)
      if (open !== undefined) await economy.joinGuild(a, open.guild)
    },
  }
  await run[act]().catch((error: unknown) => {
    // A refusal is an answer; everything else, for example a deadlock, fails the property.
    if (!(error instanceof StrataError) || error.row.status >= 500) throw error
  })
}

it('friendships are symmetric, and blocks end and refuse friendships, requests and invitations, in any interleaving', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }), async (batches) => {
      const { store } = database
      const prefix = `history${histories++}`
      const ids = await people(prefix)
      await store.economy.foundGuild(ids[0] ?? '', `Guild ${prefix}`)
      for (const batch of batches) await Promise.all(batch.map((one) => perform(prefix, ids, one)))
      const profiles = new Map((await store.profiles(ids)).map((profile) => [profile.character, profile]))
      for (const [id, { friends, blocked = [] }] of profiles) {
        for (const friend of friends) expect(profiles.get(friend)?.friends).toContain(id)
        for (const other of blocked) expect(profiles.get(other)?.blocked).toContain(id)
        expect(friends.filter((friend) => blocked.includes(friend))).toEqual([])
        const { received, sent } = await store.social.friendRequests(id)
        const invited = (await store.social.invitations(id, now)).map(({ inviter }) => inviter.character)
        const guilds = (await store.economy.guildInvitations(id)).flatMap(({ inviter }) => inviter?.character ?? [])
        const contacts = [...[...received, ...sent].map(({ character }) => character), ...invited, ...guilds]
        expect(contacts.filter((other) => blocked.includes(other))).toEqual([])
      }
    }),
    { numRuns: 25 },
  )
})

it('a block wins over a friendship and an invitation that other characters of the two accounts make at the same moment', { timeout: 120_000 }, async () => {
  const { social } = database.store
  const [a1 = '', a2 = '', b1 = '', b2 = ''] = await people('same')
  await social.createParty('same-party', a1)
  for (let round = 0; round < 150; round++) {
    await Promise.allSettled([social.befriend(a1, b1), social.invite(a1, b1, { size: 5, now, expiresAt: now + 60_000 }), social.block(a2, b2)])
    expect(await social.friends(a1)).toEqual([])
    expect(await social.invitations(b1, now)).toEqual([])
    await social.unblock(a2, b2)
  }
})
