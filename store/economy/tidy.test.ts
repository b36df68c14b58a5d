import pg from 'pg'
import { afterAll, expect, it } from 'vitest'
import { DAY_MS, VirtualClock } from '../../model/clock.ts'
import { limits } from '../../model/economy.ts'
import { faultsOf, noFaults } from '../../test/economy/auditFaults.ts'
import { makeCharacter } from '../../test/people.ts'
import { storeOfFile } from '../../test/storeOfFile.ts'

const clock = new VirtualClock(Date.UTC(2030, 0, 1))
const { store, url } = await storeOfFile({ clock })
const client = new pg.Client({ connectionString: url })
await client.connect()
afterAll(async () => {
  expect(faultsOf(await store.economy.audit())).toEqual(noFaults)
  await client.end()
})

let made = 0
const key = (actor: string) => ({ actor, key: `k${++made}` })
async function newTrader(money = 0, ...kinds: string[]) {
  const { character } = await makeCharacter(store, { name: `Trader ${++made}` })
  const { items } = await store.economy.grant(key('test'), { character, money, items: kinds, reason: 'test' })
  return { character, items: items.map(({ id }) => id), money: async () => (await store.economy.holdings(character)).money }
}
const count = async (from: string): Promise<number> => (await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`)).rows[0]?.count ?? 0
/** As if this actor had made `rows` transactions of the kind just now. */
const madeAlready = (kind: string, actor: string, rows: number) =>
  client.query(`INSERT INTO transactions (id, kind, actor, at, note) SELECT gen_random_uuid()::text, $1, $2, $3, '{}' FROM generate_series(1, $4::int)`, [
    kind,
    actor,
    new Date(clock.now()),
    rows,
  ])
const lastOf = async (kind: string): Promise<string> =>
  String((await client.query<{ id: string }>('SELECT id FROM transactions WHERE kind = $1 ORDER BY seq DESC LIMIT 1', [kind])).rows[0]?.id)

it('one sweep removes all old request keys, however many piled up: refused ones after a day, accepted ones after 30 days', async () => {
  const keys = (actor: string, days: number, column: string) =>
    client.query(`INSERT INTO requests (actor, key, fingerprint, at, ${column}) SELECT $1, n::text, 'f', $2, '{}' FROM generate_series(1, 5000) n`, [
      actor,
      new Date(clock.now() - days * DAY_MS),
    ])
  await keys('old', 31, 'answer')
  await keys('young', 29, 'answer')
  await keys('refused', 2, 'refusal')
  await store.economy.sweep()
  expect(await count(`requests WHERE actor = 'old'`)).toBe(0)
  expect(await count(`requests WHERE actor = 'young'`)).toBe(5_000)
  expect(await count(`requests WHERE actor = 'refused'`)).toBe(0)
})

it('M1: a deleted letter without attachments is gone at once; one that had some is kept until its refund is no longer possible', async () => {
  const [ada, bob] = [await newTrader(50), await newTrader()]
  const { economy } = store
  const words = await economy.sendMail(key(ada.character), ada.character, { to: bob.character, subject: 'Words' })
  expect(await economy.takeMail(key(bob.character), bob.character, words.mail)).toEqual({ money: 0, items: [] })
  await economy.deleteMail(key(bob.character), bob.character, words.mail)
  const gift = await economy.sendMail(key(ada.character), ada.character, { to: bob.character, subject: 'Coins', money: 30 })
  await economy.takeMail(key(bob.character), bob.character, gift.mail)
  await economy.deleteMail(key(bob.character), bob.character, gift.mail)
  expect(await economy.mail(bob.character)).toEqual([])
  expect(await count(`mails WHERE id IN ('${words.mail}', '${gift.mail}')`)).toBe(1)
  expect(await count(`accounts WHERE id = 'mail:${words.mail}'`)).toBe(0)
  const [sent, taken] = [await lastOf('mail.send'), await lastOf('mail.take')]
  clock.advance(29 * DAY_MS)
  await economy.sweep()
  await economy.rollback(key('operator:eve'), taken, 'a mistake')
  expect(await economy.mail(bob.character)).toMatchObject([{ id: gift.mail, attached: { money: 30 } }])
  await economy.takeMail(key(bob.character), bob.character, gift.mail)
  await economy.deleteMail(key(bob.character), bob.character, gift.mail)
  clock.advance(31 * DAY_MS)
  await economy.sweep()
  expect(await count(`mails WHERE id = '${gift.mail}'`)).toBe(0)
  expect(await count(`accounts WHERE id = 'mail:${gift.mail}'`)).toBe(0)
  await expect(economy.rollback(key('operator:eve'), sent, 'late')).rejects.toMatchObject({
    code: 'ROLLBACK_BLOCKED',
    message: expect.stringContaining('the mail has been removed since'),
  })
})

it('a sender pays postage above the free letters of a day, and is refused above the limit', async () => {
  const [ada, bob] = [await newTrader(100), await newTrader()]
  const send = () => store.economy.sendMail(key(ada.character), ada.character, { to: bob.character, subject: 'Again' })
  await madeAlready('mail.send', ada.character, limits.freeLetters - 1)
  await send()
  expect(await ada.money()).toBe(100)
  await send()
  expect(await ada.money()).toBe(100 - limits.postage)
  await madeAlready('mail.send', ada.character, limits.lettersPerDay)
  await expect(send()).rejects.toMatchObject({ code: 'ECONOMY_REFUSED', message: expect.stringContaining(`${limits.lettersPerDay} letters in 24 hours`) })
  clock.advance(DAY_MS)
  await send()
  expect(await ada.money()).toBe(100 - limits.postage)
})

it('attachments that nobody takes cannot be stored in the mail without bound', async () => {
  const [ada, bob] = [await newTrader(10), await newTrader()]
  // Half of them are on their way, half have come back.
  const carol = await newTrader()
  await client.query(
    `INSERT INTO mails (id, writer, reader, house, subject, body, sent_at, state, returned)
     SELECT 'waiting ' || n, CASE WHEN n % 2 = 0 THEN $2 ELSE $1 END, CASE WHEN n % 2 = 0 THEN $1 ELSE $2 END, false, 's', 'b', $3, 'full', n % 2 = 0
     FROM generate_series(1, $4::int) n`,
    [ada.character, carol.character, new Date(clock.now()), limits.untakenLetters],
  )
  const send = (money: number) => store.economy.sendMail(key(ada.character), ada.character, { to: bob.character, subject: 'One more', money })
  await expect(send(1)).rejects.toMatchObject({ code: 'ECONOMY_REFUSED', message: expect.stringContaining('not taken yet') })
  await send(0)
  await client.query(`DELETE FROM mails WHERE id LIKE 'waiting%'`)
  await send(1)
})

it('a seller lists a limited number of auctions a day, also when each is cancelled', async () => {
  const seller = await newTrader(0, 'axe')
  const list = () => store.economy.listAuction(key(seller.character), seller.character, { items: seller.items, startPrice: 5, durationMs: 3_600_000 })
  await madeAlready('auction.list', seller.character, limits.auctionsPerDay)
  await expect(list()).rejects.toMatchObject({ code: 'ECONOMY_REFUSED', message: expect.stringContaining('auctions in 24 hours') })
  clock.advance(DAY_MS)
  const { auction } = await list()
  const { mail } = await store.economy.cancelAuction(key(seller.character), seller.character, auction)
  await store.economy.takeMail(key(seller.character), seller.character, mail)
  clock.advance(31 * DAY_MS)
  await store.economy.sweep()
  expect(await count(`auctions WHERE id = '${auction}'`)).toBe(0)
  expect(await count(`accounts WHERE id = 'auction:${auction}'`)).toBe(0)
})

it('M1: a guild without members is removed after 7 to 14 days, and what its bank held leaves the world through the log', async () => {
  const [leader, heir] = [await newTrader(70, 'banner'), await newTrader()]
  const { economy } = store
  const guild = await economy.foundGuild(leader.character, 'Short Lived')
  await economy.deposit(key(leader.character), leader.character, { money: 70, items: leader.items })
  const there = () => count(`guilds WHERE id = '${guild}'`)
  clock.advance(30 * DAY_MS)
  await economy.sweep()
  expect(await there()).toBe(1)
  const { money } = await economy.audit()
  await economy.leaveGuild(leader.character)
  clock.advance(8 * DAY_MS)
  await economy.sweep()
  expect(await there()).toBe(1)
  clock.advance(8 * DAY_MS)
  await economy.sweep()
  expect(await there()).toBe(0)
  expect(await count(`accounts WHERE id = 'guild:${guild}'`)).toBe(0)
  const report = await economy.audit()
  expect(report.money).toBe(money - 70)
  expect(faultsOf(report)).toEqual(noFaults)
  expect((await economy.history(await lastOf('guild.dissolve'))).transaction).toMatchObject({ actor: 'keeper', items: [{ kind: 'banner', to: 'world' }] })
  await expect(economy.rollback(key('operator:eve'), await lastOf('guild.dissolve'), 'late')).rejects.toMatchObject({ code: 'ROLLBACK_BLOCKED' })
  await economy.foundGuild(heir.character, 'Short Lived')
})

it('a guild with a member or a valid invitation stays', async () => {
  const [leader, guest] = [await newTrader(), await newTrader()]
  const guild = await store.economy.foundGuild(leader.character, 'Waiting For You')
  for (let day = 0; day < 24; day += 8) {
    clock.advance(8 * DAY_MS)
    await store.economy.sweep()
  }
  clock.advance(6 * DAY_MS)
  await store.economy.inviteToGuild(leader.character, guest.character)
  await store.economy.leaveGuild(leader.character)
  clock.advance(2 * DAY_MS)
  await store.economy.sweep()
  await store.economy.joinGuild(guest.character, guild)
  for (let day = 0; day < 24; day += 8) {
    clock.advance(8 * DAY_MS)
    await store.economy.sweep()
  }
  expect(await store.economy.membership(guest.character)).toEqual({ guild, rank: 'leader' })
})

it('a character founds a limited number of guilds in seven days, and a guild has a limited number of open invitations', async () => {
  const [founder, guest] = [await newTrader(), await newTrader()]
  const found = (name: string) => store.economy.foundGuild(founder.character, name)
  for (let n = 0; n < limits.guildsFounded; n++) await found(`Fleeting ${n}`)
  await expect(found('Fleeting too')).rejects.toMatchObject({ code: 'GUILD_REFUSED', message: expect.stringContaining('in seven days') })
  clock.advance(7 * DAY_MS)
  const guild = await found('Fleeting too')
  await client.query(`INSERT INTO characters (id, name, name_key, language) SELECT 'g' || n, 'g' || n, 'g' || n, 'en' FROM generate_series(1, $1::int) n`, [
    limits.guildInvitations,
  ])
  const expires = new Date(clock.now() + DAY_MS)
  await client.query(`INSERT INTO guild_invitations (guild, character, expires_at) SELECT $1, 'g' || n, $2 FROM generate_series(1, $3::int) n`, [
    guild,
    expires,
    limits.guildInvitations,
  ])
  const invite = () => store.economy.inviteToGuild(founder.character, guest.character)
  await expect(invite()).rejects.toMatchObject({ code: 'GUILD_REFUSED', message: expect.stringContaining('open invitations') })
  clock.advance(DAY_MS + 1)
  await invite()
  await store.economy.sweep()
  expect(await count('guild_invitations')).toBe(1)
})
