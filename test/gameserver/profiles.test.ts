import { expect, it } from 'vitest'
import { fromCloseCode } from '../../client/errors.ts'
import { catalogue } from '../../model/errors.ts'
import { control, type EndedMessage, type ProfileMessage } from '../../model/wire/room.ts'
import { makeParty } from '../people.ts'
import { Player } from './harness/player.ts'
import { until } from './harness/servers.ts'
import { oneServerOfFile } from './harness/serversOfFile.ts'

const { servers, server, copy: forest } = await oneServerOfFile('forest')

const changed = (...characters: string[]): Promise<void> => servers.directory.tellServer({ type: 'profilesChanged', server: server.name, characters })
const seatOf = async (character: string, copy = forest) =>
  (await servers.directory.snapshot(copy.map)).seats.find((one) => one.copy === copy.id && one.seat.character === character)?.seat
const savedMap = async (character: string): Promise<unknown> => {
  const claim = await servers.store.claim(character, { copy: 'x', server: 'x' })
  return (claim.state as { game: { map: string } } | null)?.game.map
}

it('S6: a changed profile changes the body, the seat that the server reports and what others see, and the client gets an event', async () => {
  const [ann, ben] = [await servers.holder('Ann'), await servers.holder('Ben')]
  for (const [index, one] of [ann, ben].entries()) await servers.place(one, { map: 'forest', x: 100 + index, y: 100 })
  const [own, other] = [await servers.enter(ann, forest), await servers.enter(ben, forest)]
  await other.until('sees Ann', () => other.seen.get(ann.entity)?.name === 'Ann')
  await makeParty(servers.store, 'party-1', [ann.character, ben.character])
  await servers.store.accounts.renameCharacter(ann.character, 'Annika')
  await changed(ann.character, ben.character)
  expect(await own.message<ProfileMessage>(control.profile)).toMatchObject({ name: 'Annika', party: 'party-1', partyMembers: [ann.character, ben.character] })
  await other.until('the new name', () => other.seen.get(ann.entity)?.name === 'Annika')
  expect(other.vanished).not.toContain(ann.entity)
  // A word that arrives again changes nothing.
  await changed(ann.character)
  // The server restores what the profile says now.
  await servers.emptyDirectory()
  await until('restored', async () => (await seatOf(ann.character))?.party === 'party-1' && (await seatOf(ann.character))?.name === 'Annika')
  expect(own.messages.filter(({ type }) => type === control.profile)).toHaveLength(1)
  await Promise.all([own.room.leave(), other.room.leave()])
})

it('S6: a character that enters with a ticket of before gets the present profile, and so does its seat', async () => {
  const cid = await servers.holder('Cid')
  const ticket = await servers.ticket(cid, forest)
  await makeParty(servers.store, 'party-2', [cid.character])
  const player = await Player.join(forest.address, forest.id, ticket)
  expect(await player.message<ProfileMessage>(control.profile)).toMatchObject({ party: 'party-2' })
  await until('the seat', async () => (await seatOf(cid.character))?.party === 'party-2')
  await player.room.leave()
})

it('S6: a ban ends the session with ACCOUNT_BANNED after it is saved, and disturbs nobody else', async () => {
  const [dan, eve] = [await servers.holder('Dan'), await servers.holder('Eve')]
  const [banned, other] = [await servers.enter(dan, forest), await servers.enter(eve, forest)]
  const { account = '' } = (await servers.store.profile(dan.character)) ?? {}
  const until_ = Date.now() + 3_600_000
  await servers.store.accounts.setBan(account, { until: until_, reason: 'cheating' })
  const began = Date.now()
  await changed(dan.character)
  await banned.until('closed', () => banned.closed !== undefined)
  expect(Date.now() - began).toBeLessThan(1_000)
  expect(banned.closed).toBe(catalogue.ACCOUNT_BANNED.close)
  const ended = await banned.message<EndedMessage>(control.ended)
  expect(ended).toEqual({ code: 'ACCOUNT_BANNED', message: `This account is banned until ${new Date(until_).toISOString()}: cheating` })
  expect(fromCloseCode(banned.closed ?? 0, ended)).toMatchObject({ code: 'ACCOUNT_BANNED', message: ended.message, retryable: false })
  await until('the seat is free', async () => (await seatOf(dan.character)) === undefined)
  expect((await servers.directory.presence([dan.character])).size).toBe(0)
  expect(await savedMap(dan.character)).toBe('forest')
  expect(other.closed).toBeUndefined()
  await other.room.leave()
})

it('S6: an account that was banned while its ticket was on the way is out again at once', async () => {
  const fay = await servers.holder('Fay')
  const ticket = await servers.ticket(fay, forest)
  const { account = '' } = (await servers.store.profile(fay.character)) ?? {}
  await servers.store.accounts.setBan(account, { until: Date.now() + 3_600_000, reason: 'spam' })
  const player = await Player.join(forest.address, forest.id, ticket)
  await player.until('closed', () => player.closed === catalogue.ACCOUNT_BANNED.close)
})

it('S1, S3: dismiss saves the character, closes its client with the code, and a seat that was promised meanwhile stays held', async () => {
  const gus = await servers.holder('Gus')
  const player: Player = await servers.enter(gus, forest)
  // The player asked to enter again just before.
  const deadline = Date.now() + 10_000
  await servers.directory.holdSeats({ map: 'forest', holders: [gus], options: [{ copy: forest.id, limit: 100 }], now: Date.now(), deadline })
  await servers.directory.tellServer({ type: 'dismiss', server: server.name, character: gus.character, code: 'KICKED', reason: 'be nice' })
  await player.until('closed', () => player.closed === catalogue.KICKED.close)
  expect(await player.message<EndedMessage>(control.ended)).toMatchObject({ message: 'A moderator ended this session: be nice' })
  // Closed after the save and the freeing of the seat.
  expect((await seatOf(gus.character))?.state).toBe('held')
  expect((await servers.directory.presence([gus.character])).size).toBe(0)
  const again = await servers.enter(gus, forest)
  expect(await again.live()).toMatchObject({ epoch: 2 })
  await again.room.leave()
})

it('S6: a character that was deleted is out of the world', async () => {
  const hal = await servers.holder('Hal')
  const player = await servers.enter(hal, forest)
  await servers.store.accounts.deleteCharacter(hal.character)
  await changed(hal.character)
  await player.until('closed', () => player.closed === catalogue.CHARACTER_UNKNOWN.close || player.closed === catalogue.LIVE_ELSEWHERE.close)
})
