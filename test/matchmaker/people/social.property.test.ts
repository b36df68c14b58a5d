import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import { freshStore } from '../../freshStore.ts'
import { makeCharacter } from '../../people.ts'
import { Realm } from '../realm.ts'
import { served } from '../served.ts'

let database: Awaited<ReturnType<typeof freshStore>>
beforeAll(async () => {
  database = await freshStore()
})
afterAll(() => database[Symbol.asyncDispose]())

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

it('no route shows whether a blocked or private character is in the world', { timeout: 240_000 }, async () => {
  await using realm = await Realm.create(database.store)
  await realm.open('forest-1')
  await using service = await served(realm, { economy: database.store.economy, operatorToken: 'operator' })
  const relation = fc.record({
    friends: fc.boolean(),
    guild: fc.boolean(),
    block: fc.constantFrom('none', 'none', 'none', 'theirs', 'mine', 'both'),
    presence: fc.constantFrom('everyone', 'friends', 'nobody'),
    joinable: fc.constantFrom('friends', 'company', 'nobody'),
  } as const)
  let pairs = 0
  await fc.assert(
    fc.asyncProperty(relation, async ({ friends, guild, block, presence, joinable }) => {
      const { store } = database
      const n = pairs++
      const asker = await makeCharacter(store, { name: `Asker ${n}`, ...(guild ? { guild: `Guild ${n}` } : {}) })
      const target = await makeCharacter(store, {
        name: `Target ${n}`,
        ...(guild ? { guild: `Guild ${n}` } : {}),
        ...(friends ? { friends: [asker.name] } : {}),
      })
      await store.accounts.describeCharacter(target.character, { settings: { presence, joinable } })
      if (block === 'theirs' || block === 'both') await store.social.block(target.character, asker.character)
      if (block === 'mine' || block === 'both') await store.social.block(asker.character, target.character)
      const hidden = block !== 'none' || presence === 'nobody'
      const authorization = `Bearer ${await service.sessions.issue(asker.account)}`
      const ask = async (method: 'GET' | 'POST', url: string, payload?: object) =>
        (
          await service.app.inject({
            method,
            url,
            headers: { authorization, 'idempotency-key': crypto.randomUUID() },
            ...defined({ payload }),
          })
        ).json()
      const look = async () => {
        const lists = ['/v1/friends', '/v1/friends/requests', '/v1/blocks', '/v1/party', '/v1/party/invitations', '/v1/guild', '/v1/guild/invitations']
        const named = ['/v1/presence/', '/v1/explain/'].flatMap((route) => [target.name, target.character].map((who) => `${route}${encodeURIComponent(who)}`))
        const answers = await Promise.all([...lists, ...named].map((url) => ask('GET', url)))
        const counts = (await ask('GET', '/v1/maps')).maps.flatMap(({ copies }: { copies: { friends: number }[] }) => copies.map((copy) => copy.friends))
        return [...answers, counts, await ask('POST', '/v1/enter', { friend: target.name })]
      }
      const before = await look()
      const at = realm.clock.now()
      const { character, entity, name, language } = target
      await realm.directory.holdSeats({
        map: 'forest',
        holders: [{ character, entity, name, language }],
        options: [{ copy: 'forest-1', limit: 5 }],
        now: at,
        deadline: at + 60_000,
      })
      await realm.take('forest', 'forest-1', character)
      const during = await look()
      // The check itself sees a difference where one is allowed.
      if (hidden) expect(during).toEqual(before)
      else if (presence === 'everyone' || friends) expect(during).not.toEqual(before)
      await realm.directory.freeSeat('forest', 'forest-1', character)
      await realm.directory.giveBackSeat('forest', 'forest-1', asker.character, at + 15_000)
      await realm.directory.clearPresence(character, 1)
    }),
    { numRuns: 100 },
  )
})
