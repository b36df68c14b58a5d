import { expect, it } from 'vitest'
import { joinParty, makeCharacter, makeParty } from '../../test/people.ts'
import { storeOfFile } from '../../test/storeOfFile.ts'

const { store } = await storeOfFile()

const now = 1_700_000_000_000
const limits = { size: 5, now, expiresAt: now + 60_000 }
const idsOf = async (...names: string[]): Promise<string[]> =>
  (await Promise.all(names.map((name) => makeCharacter(store, { name })))).map(({ character }) => character)

it('P1: a party lists its members in order of joining, keeps its size, and ends with its last member', async () => {
  const ids = await idsOf('Ann', 'Ben', 'Cid', 'Dan', 'Eve', 'Fay')
  const [ann = '', ben = '', , , , fay = ''] = ids
  await makeParty(store, 'party-1', ids.slice(0, 5))
  expect((await store.profile(ben))?.partyMembers).toEqual(ids.slice(0, 5))
  await expect(store.social.invite(ann, fay, limits)).rejects.toMatchObject({ code: 'PARTY_FULL', details: { limit: 5 } })
  await expect(store.social.invite(ann, 'nobody', limits)).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
  await store.social.createParty('party-2', ann)
  expect((await store.profile(ann))?.party).toBe('party-2')
  expect((await store.profile(ben))?.partyMembers).toEqual(ids.slice(1, 5))
  for (const id of ids.slice(1, 5)) await store.social.leaveParty(id)
  expect(await store.profile(ben)).not.toHaveProperty('party')
  await expect(store.social.acceptInvitation(fay, 'party-1', limits)).rejects.toMatchObject({ code: 'INVITATION_UNKNOWN' })
})

it('nobody joins without an invitation that is still valid', async () => {
  const [leader = '', guest = '', stranger = ''] = await idsOf('Leader', 'Guest', 'Stranger')
  await store.social.createParty('invited', leader)
  await store.social.invite(leader, guest, limits)
  await expect(store.social.acceptInvitation(stranger, 'invited', limits)).rejects.toMatchObject({ code: 'INVITATION_UNKNOWN' })
  await expect(store.social.acceptInvitation(guest, 'invited', { ...limits, now: limits.expiresAt })).rejects.toMatchObject({ code: 'INVITATION_UNKNOWN' })
  await store.social.acceptInvitation(guest, 'invited', limits)
  await expect(store.social.acceptInvitation(guest, 'invited', limits)).rejects.toMatchObject({ code: 'INVITATION_UNKNOWN' })
  expect((await store.social.partyOf(guest, now))?.members.map(({ character }) => character)).toEqual([leader, guest])
})

it('only the leader invites, removes and hands over; the lead passes on when the leader goes', async () => {
  const ids = await idsOf('Lead One', 'Member Two', 'Member Three')
  const [one = '', two = '', three = ''] = ids
  await makeParty(store, 'led', ids)
  await expect(store.social.removeMember(two, three)).rejects.toMatchObject({ code: 'NOT_LEADER' })
  await expect(store.social.invite(two, one, limits)).rejects.toMatchObject({ code: 'NOT_LEADER' })
  await store.social.handOver(one, two)
  await expect(store.social.removeMember(one, three)).rejects.toMatchObject({ code: 'NOT_LEADER' })
  expect((await store.social.partyOf(three, now))?.leader).toBe(two)
  await store.social.leaveParty(two)
  expect((await store.social.partyOf(three, now))?.leader).toBe(one)
  await store.social.removeMember(one, three)
  expect(await store.social.partyOf(three, now)).toBeUndefined()
})

it('P1: concurrent joins never exceed the size, and no character is in two parties', { timeout: 30_000 }, async () => {
  const ids = await idsOf(...Array.from({ length: 24 }, (_, index) => `Joiner ${index}`))
  const [left = '', right = '', ...others] = ids
  await store.social.createParty('left', left)
  await store.social.createParty('right', right)
  for (const id of others) {
    await store.social.invite(left, id, { ...limits, size: 100 })
    await store.social.invite(right, id, { ...limits, size: 100 })
  }
  const accept = (id: string, party: string) => store.social.acceptInvitation(id, party, limits)
  const joins = await Promise.allSettled(
    others.flatMap((id, index) => [accept(id, index % 2 === 0 ? 'left' : 'right'), accept(id, index % 2 === 0 ? 'right' : 'left')]),
  )
  // Two joins of one character run one after the other, so the only refusal is a full party.
  for (const join of joins) if (join.status === 'rejected') expect(join.reason).toMatchObject({ code: 'PARTY_FULL' })
  const parties = new Map<string, string[]>()
  for (const profile of await store.profiles(ids)) if (profile.party !== undefined) parties.set(profile.party, profile.partyMembers)
  const members = [...parties.values()].flat()
  for (const [, inside] of parties) expect(inside.length).toBeLessThanOrEqual(5)
  expect(parties.size).toBe(2)
  expect(new Set(members).size).toBe(members.length)
})

it('a block between two accounts refuses an invitation as if the character did not exist', async () => {
  const [leader = '', guest = ''] = await idsOf('Blocked Leader', 'Blocking Guest')
  await store.social.createParty('blocked', leader)
  await store.social.invite(leader, guest, limits)
  await store.social.block(guest, leader)
  await expect(store.social.acceptInvitation(guest, 'blocked', limits)).rejects.toMatchObject({ code: 'INVITATION_UNKNOWN' })
  await expect(store.social.invite(leader, guest, limits)).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
  await expect(joinParty(store, 'blocked', leader, guest)).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
})
