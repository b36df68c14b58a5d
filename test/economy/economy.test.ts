import pg from 'pg'
import { afterAll, expect, it, vi } from 'vitest'
import { VirtualClock } from '../../model/clock.ts'
import { makeCharacter } from '../people.ts'
import { storeOfFile } from '../storeOfFile.ts'
import { faultsOf, noFaults } from './auditFaults.ts'

// Each test runs dozens of transactions, possibly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const start = 1_700_000_000_000
const clock = new VirtualClock(start)
const { store, url } = await storeOfFile({ clock })
afterAll(async () => expect(faultsOf(await store.economy.audit())).toEqual(noFaults))

let made = 0
const key = (actor: string) => ({ actor, key: `k${++made}` })
async function newTrader(money = 0, ...kinds: string[]) {
  made += 1
  const { character } = await makeCharacter(store, { name: `Trader ${made}` })
  const { items } = await store.economy.grant(key('test'), { character, money, items: kinds, reason: 'test' })
  return { character, items: items.map(({ id }) => id), has: () => store.economy.holdings(character) }
}
const live = async (character: string, copy: string) => ({ character, epoch: (await store.claim(character, { copy, server: 's' })).epoch })

it('M1: a repeated request gets the first answer and changes nothing, concurrently or later', async () => {
  const ada = await newTrader(100)
  const bob = await newTrader()
  const request = key(ada.character)
  const send = () => store.economy.sendMail(request, ada.character, { to: bob.character, subject: 'Hi', money: 30 })
  const answers = await Promise.all(Array.from({ length: 16 }, send))
  expect(new Set(answers.map(({ mail }) => mail)).size).toBe(1)
  expect(await send()).toEqual(answers[0])
  expect((await ada.has()).money).toBe(70)
  await expect(store.economy.sendMail(request, ada.character, { to: bob.character, subject: 'Hi', money: 31 })).rejects.toMatchObject({
    code: 'REQUEST_KEY_REUSED',
  })
  // The same key of another actor is a different request.
  await expect(
    store.economy.sendMail({ ...request, actor: bob.character }, bob.character, { to: ada.character, subject: 'No', money: 1 }),
  ).rejects.toMatchObject({
    code: 'NOT_ENOUGH_MONEY',
  })
})

it('M1: a repeated request gets the first refusal, even if it would succeed now', async () => {
  const ada = await newTrader(5)
  const request = key(ada.character)
  const send = () => store.economy.sendMail(request, ada.character, { to: ada.character, subject: 'Self', money: 10 })
  await expect(send()).rejects.toMatchObject({ code: 'NOT_ENOUGH_MONEY', details: { have: 5, needed: 10 } })
  await store.economy.grant(key('test'), { character: ada.character, money: 100, reason: 'test' })
  await expect(send()).rejects.toMatchObject({ code: 'NOT_ENOUGH_MONEY', details: { have: 5, needed: 10 } })
  expect((await ada.has()).money).toBe(105)
})

it('M1: a trade completes when both sides confirm the same version', async () => {
  const [ada, bob] = [await newTrader(100, 'sword'), await newTrader(50, 'shield', 'potion')]
  const { economy } = store
  const sides = [await live(ada.character, 'c1'), await live(bob.character, 'c1')] as const
  const { trade } = await economy.openTrade(key('server'), 'c1', sides)
  await economy.offer(key(ada.character), ada.character, trade, { items: ada.items, money: 40 })
  const { version } = await economy.offer(key(bob.character), bob.character, trade, { items: bob.items })
  expect((await ada.has()).money).toBe(60)
  expect(await economy.confirm(key(ada.character), ada.character, trade, version)).toEqual({ state: 'open' })
  // Bob changes the offer, so Ada's confirmation is void.
  const changed = await economy.offer(key(bob.character), bob.character, trade, { items: bob.items.slice(0, 1) })
  await expect(economy.confirm(key(bob.character), bob.character, trade, version)).rejects.toMatchObject({ code: 'TRADE_CHANGED' })
  expect(await economy.confirm(key(bob.character), bob.character, trade, changed.version)).toEqual({ state: 'open' })
  expect(await economy.trade(trade)).toMatchObject({
    state: 'open',
    sides: [
      { money: 40, confirmed: false },
      { confirmed: true, items: [{ kind: 'shield' }] },
    ],
  })
  expect(await economy.confirm(key(ada.character), ada.character, trade, changed.version)).toEqual({ state: 'done' })
  expect(await ada.has()).toMatchObject({ money: 60, items: [{ kind: 'shield' }] })
  expect(await bob.has()).toMatchObject({ money: 90 })
  expect((await bob.has()).items.map(({ kind }) => kind).sort()).toEqual(['potion', 'sword'])
  await expect(economy.offer(key(ada.character), ada.character, trade, {})).rejects.toMatchObject({ code: 'TRADE_CLOSED' })
})

it('M1: a move of one side ends a trade, and both offers go back', async () => {
  const [ada, bob] = [await newTrader(10), await newTrader(10, 'gem')]
  const { economy } = store
  const sides = [await live(ada.character, 'c2'), await live(bob.character, 'c2')] as const
  const { trade } = await economy.openTrade(key('server'), 'c2', sides)
  await expect(economy.openTrade(key('server'), 'c2', sides)).rejects.toMatchObject({ code: 'TRADE_BUSY' })
  await economy.offer(key(bob.character), bob.character, trade, { items: bob.items, money: 10 })
  const { version } = await economy.offer(key(ada.character), ada.character, trade, { money: 10 })
  await economy.confirm(key(ada.character), ada.character, trade, version)
  await store.release('move', [{ ...sides[0], state: {}, stateVersion: 1 }])
  await expect(economy.confirm(key(bob.character), bob.character, trade, version)).rejects.toMatchObject({ code: 'EPOCH_STALE' })
  expect(await economy.sweep()).toBeGreaterThan(0)
  expect(await economy.trade(trade)).toMatchObject({ state: 'cancelled' })
  expect(await ada.has()).toEqual({ money: 10, items: [] })
  expect(await bob.has()).toMatchObject({ money: 10, items: [{ kind: 'gem' }] })
  const apart = [await live(ada.character, 'c3'), await live(bob.character, 'c4')] as const
  await expect(economy.openTrade(key('server'), 'c3', apart)).rejects.toMatchObject({ code: 'EPOCH_STALE' })
})

it('S2: a grant with a stale epoch is refused, and the current server can use the same key', async () => {
  const ada = await newTrader()
  const old = await live(ada.character, 'c1')
  const present = await live(ada.character, 'c2')
  const [once, loot] = [key('server'), { character: ada.character, money: 5, reason: 'loot' }]
  await expect(store.economy.grant(once, loot, old)).rejects.toMatchObject({ code: 'EPOCH_STALE' })
  expect((await ada.has()).money).toBe(0)
  await store.economy.grant(once, loot, present)
  expect((await ada.has()).money).toBe(5)
})

it('M1: mail carries items and money, and goes back to the writer once if nobody takes them', async () => {
  const [ada, bob] = [await newTrader(20, 'ring'), await newTrader()]
  const { economy } = store
  const { mail } = await economy.sendMail(key(ada.character), ada.character, { to: bob.character, subject: 'Gift', money: 20, items: ada.items })
  clock.advance(1)
  const second = await economy.sendMail(key(ada.character), ada.character, { to: bob.character, subject: 'Words only', body: 'Hello' })
  expect(await economy.mail(bob.character)).toMatchObject([{ subject: 'Words only' }, { subject: 'Gift', attached: { money: 20, items: [{ kind: 'ring' }] } }])
  await expect(economy.takeMail(key(ada.character), ada.character, mail)).rejects.toMatchObject({ code: 'MAIL_UNKNOWN' })
  await expect(economy.deleteMail(key(bob.character), bob.character, mail)).rejects.toMatchObject({ code: 'ECONOMY_REFUSED' })
  await economy.deleteMail(key(bob.character), bob.character, second.mail)
  clock.advance(31 * 86_400_000)
  await economy.sweep()
  expect(await economy.mail(bob.character)).toEqual([])
  expect(await economy.mail(ada.character)).toMatchObject([{ subject: 'Gift', returned: true }])
  await economy.sweep()
  expect(await economy.takeMail(key(ada.character), ada.character, mail)).toMatchObject({ money: 20, items: [{ kind: 'ring' }] })
  expect(await ada.has()).toMatchObject({ money: 20, items: [{ kind: 'ring' }] })
  await expect(economy.sendMail(key(ada.character), ada.character, { to: 'nobody', subject: 'x' })).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
})

it('M1: auctions hold bids in escrow, return outbid money, deliver by mail and deduct the cut', async () => {
  const [seller, low, high] = [await newTrader(0, 'axe'), await newTrader(100), await newTrader(200)]
  const { economy } = store
  const { auction } = await economy.listAuction(key(seller.character), seller.character, { items: seller.items, startPrice: 50, durationMs: 3_600_000 })
  await expect(economy.bid(key(low.character), low.character, auction, 49)).rejects.toMatchObject({ code: 'BID_TOO_LOW', details: { minimum: 50 } })
  await expect(economy.bid(key(seller.character), seller.character, auction, 60)).rejects.toMatchObject({ code: 'ECONOMY_REFUSED' })
  await economy.bid(key(low.character), low.character, auction, 60)
  expect((await low.has()).money).toBe(40)
  await economy.bid(key(low.character), low.character, auction, 90)
  expect((await low.has()).money).toBe(10)
  await economy.bid(key(high.character), high.character, auction, 100)
  expect((await low.has()).money).toBe(100)
  await expect(economy.cancelAuction(key(seller.character), seller.character, auction)).rejects.toMatchObject({ code: 'ECONOMY_REFUSED' })
  expect((await economy.auctions(10)).find(({ id }) => id === auction)).toMatchObject({
    bid: { amount: 100, bidder: high.character },
    items: [{ kind: 'axe' }],
  })
  clock.advance(3_600_000)
  await expect(economy.bid(key(low.character), low.character, auction, 150)).rejects.toMatchObject({ code: 'AUCTION_OVER' })
  await Promise.all([economy.sweep(), economy.sweep(), economy.sweep()])
  expect(await seller.has()).toEqual({ money: 95, items: [] })
  const [won] = await economy.mail(high.character)
  expect(won).toMatchObject({ sender: 'auction house', attached: { items: [{ kind: 'axe' }] } })
  await economy.takeMail(key(high.character), high.character, won?.id ?? '')
  expect(await high.has()).toMatchObject({ money: 100, items: [{ kind: 'axe' }] })
})

it('M1: a buyout returns the bid; a cancelled auction returns its items', async () => {
  const [seller, bidder, buyer] = [await newTrader(0, 'bow', 'arrow'), await newTrader(50), await newTrader(100)]
  const { economy } = store
  const [bow = '', arrow = ''] = seller.items
  const sold = await economy.listAuction(key(seller.character), seller.character, { items: [bow], startPrice: 10, buyout: 100, durationMs: 1_000 })
  const left = await economy.listAuction(key(seller.character), seller.character, { items: [arrow], startPrice: 10, durationMs: 1_000 })
  await economy.bid(key(bidder.character), bidder.character, sold.auction, 50)
  await expect(economy.bid(key(bidder.character), bidder.character, sold.auction, 100)).rejects.toMatchObject({ code: 'ECONOMY_REFUSED' })
  const { mail } = await economy.buyOut(key(buyer.character), buyer.character, sold.auction)
  await economy.takeMail(key(buyer.character), buyer.character, mail)
  expect(await buyer.has()).toMatchObject({ money: 0, items: [{ kind: 'bow' }] })
  expect((await bidder.has()).money).toBe(50)
  await economy.cancelAuction(key(seller.character), seller.character, left.auction)
  const [back] = await economy.mail(seller.character)
  await economy.takeMail(key(seller.character), seller.character, back?.id ?? '')
  expect(await seller.has()).toEqual({ money: 95, items: [{ id: arrow, kind: 'arrow' }] })
})

it('M1: every member may deposit in the guild bank; the rank limits withdrawals', async () => {
  const [leader, officer, member, stranger] = [await newTrader(20_000, 'banner'), await newTrader(), await newTrader(), await newTrader(5)]
  const { economy } = store
  const guild = await economy.foundGuild(leader.character, 'The Bankers')
  await expect(economy.foundGuild(stranger.character, 'the bankers')).rejects.toMatchObject({ code: 'GUILD_REFUSED' })
  for (const { character } of [officer, member]) {
    await economy.inviteToGuild(leader.character, character)
    await economy.joinGuild(character, guild)
  }
  await expect(economy.joinGuild(stranger.character, guild)).rejects.toMatchObject({ code: 'GUILD_REFUSED' })
  await economy.setGuildRank(leader.character, officer.character, 'officer')
  await expect(economy.setGuildRank(officer.character, member.character, 'officer')).rejects.toMatchObject({ code: 'GUILD_REFUSED' })
  await economy.deposit(key(leader.character), leader.character, { money: 20_000, items: leader.items })
  await expect(economy.deposit(key(stranger.character), stranger.character, { money: 5 })).rejects.toMatchObject({ code: 'GUILD_UNKNOWN' })
  await expect(economy.withdraw(key(member.character), member.character, { items: leader.items })).rejects.toMatchObject({ code: 'GUILD_REFUSED' })
  const out = (money: number) =>
    economy.withdraw(key(officer.character), officer.character, { money }).then(
      () => true,
      () => false,
    )
  const taken = await Promise.all(Array.from({ length: 8 }, () => out(4_000)))
  expect(taken.filter(Boolean).length).toBe(2)
  clock.advance(86_400_001)
  expect(await out(4_000)).toBe(true)
  expect(await economy.bank(member.character)).toMatchObject({ money: 8_000, items: [{ kind: 'banner' }] })
  await economy.leaveGuild(leader.character)
  expect(await economy.guildMembers(guild)).toMatchObject([
    { character: officer.character, rank: 'leader' },
    { character: member.character, rank: 'member' },
  ])
  await economy.leaveGuild(officer.character, member.character)
  await expect(economy.membership(member.character)).rejects.toMatchObject({ code: 'GUILD_UNKNOWN' })
})

it('M1: a refund moves everything back in a new transaction, or lists the later transactions that block it', async () => {
  const [thief, victim, fence] = [await newTrader(0), await newTrader(100, 'crown'), await newTrader(50)]
  const { economy } = store
  const { mail } = await economy.sendMail(key(victim.character), victim.character, { to: thief.character, subject: 'Tricked', money: 100, items: victim.items })
  await economy.takeMail(key(thief.character), thief.character, mail)
  const { auction } = await economy.listAuction(key(thief.character), thief.character, { items: victim.items, startPrice: 10, buyout: 50, durationMs: 1_000 })
  const bought = await economy.buyOut(key(fence.character), fence.character, auction)
  await economy.takeMail(key(fence.character), fence.character, bought.mail)
  const first = await transactionOf(victim.character, 'mail.send')
  const history = await economy.history(first)
  expect(history.followed.map(({ kind }) => kind)).toEqual(['mail.take', 'auction.list', 'auction.buy', 'mail.take'])
  await expect(economy.rollback(key('operator:eve'), first, 'stolen')).rejects.toMatchObject({ code: 'ROLLBACK_BLOCKED' })
  // Undoes the latest transaction first.
  for (const { id, kind } of history.followed.toReversed()) if (kind !== 'auction.list') await economy.rollback(key('operator:eve'), id, 'stolen')
  const again = key('operator:eve')
  const undone = await economy.rollback(again, first, 'stolen')
  expect(await economy.rollback(again, first, 'stolen')).toEqual(undone)
  await expect(economy.rollback(key('operator:eve'), first, 'twice')).rejects.toMatchObject({ code: 'ROLLBACK_BLOCKED' })
  expect(await victim.has()).toMatchObject({ money: 100, items: [{ kind: 'crown' }] })
  expect(await thief.has()).toEqual({ money: 0, items: [] })
  expect((await fence.has()).money).toBe(50)
  await expect(economy.rollback(key('operator:eve'), 'no such', 'x')).rejects.toMatchObject({ code: 'TRANSACTION_UNKNOWN' })
})

it('M1: used items and completed trades can be undone', async () => {
  const [ada, bob] = [await newTrader(10, 'relic'), await newTrader(40)]
  const { economy } = store
  await economy.use(key('server'), { character: ada.character, money: 10, items: ada.items, reason: 'by mistake' })
  expect(await ada.has()).toEqual({ money: 0, items: [] })
  await economy.rollback(key('operator:eve'), await lastOf('use'), 'a mistake')
  expect(await ada.has()).toEqual({ money: 10, items: [{ id: ada.items[0], kind: 'relic' }] })
  const sides = [await live(ada.character, 'c5'), await live(bob.character, 'c5')] as const
  const { trade } = await economy.openTrade(key('server'), 'c5', sides)
  await economy.offer(key(ada.character), ada.character, trade, { items: ada.items })
  const { version } = await economy.offer(key(bob.character), bob.character, trade, { money: 40 })
  const offered = await lastOf('trade.offer')
  await expect(economy.rollback(key('operator:eve'), offered, 'x')).rejects.toMatchObject({
    code: 'ROLLBACK_BLOCKED',
    message: expect.stringContaining('still open'),
  })
  for (const { character } of sides) await economy.confirm(key(character), character, trade, version)
  expect((await ada.has()).money).toBe(50)
  const { transaction } = await economy.rollback(key('operator:eve'), await lastOf('trade.confirm'), 'a swindle')
  expect(await ada.has()).toEqual({ money: 10, items: [{ id: ada.items[0], kind: 'relic' }] })
  expect((await bob.has()).money).toBe(40)
  expect(await economy.history(transaction)).toMatchObject({ transaction: { kind: 'rollback', note: { reason: 'a swindle' } } })
})

it('M1: the database refuses every change of the log', async () => {
  for (const change of ['UPDATE postings SET amount = amount + 1', 'DELETE FROM item_moves', 'TRUNCATE transactions CASCADE']) {
    await expect(query(change)).rejects.toThrow(/append-only/)
  }
})

it('X1: the server enforces the limit of bags and the ownership of items', async () => {
  const ada = await newTrader(0, ...Array.from({ length: 200 }, () => 'stone'))
  const bob = await newTrader(0, 'pebble')
  const { economy } = store
  await expect(economy.grant(key('test'), { character: ada.character, items: ['stone'], reason: 'test' })).rejects.toMatchObject({ code: 'BAG_FULL' })
  await expect(economy.use(key('test'), { character: ada.character, items: bob.items, reason: 'test' })).rejects.toMatchObject({ code: 'ITEM_NOT_HELD' })
  const sent = await economy.sendMail(key(bob.character), bob.character, { to: ada.character, subject: 'One more', items: bob.items })
  await expect(economy.takeMail(key(ada.character), ada.character, sent.mail)).rejects.toMatchObject({ code: 'BAG_FULL' })
  await economy.use(key('test'), { character: ada.character, items: ada.items.slice(0, 1), reason: 'test' })
  await economy.takeMail(key(ada.character), ada.character, sent.mail)
  expect((await ada.has()).items.length).toBe(200)
  await expect(economy.grant(key('test'), { character: 'nobody', money: 1, reason: 'test' })).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
})

const transactionOf = async (actor: string, kind: string) =>
  String((await query('SELECT id FROM transactions WHERE actor = $1 AND kind = $2', actor, kind))[0]?.id)
const lastOf = async (kind: string) => String((await query('SELECT id FROM transactions WHERE kind = $1 ORDER BY seq DESC LIMIT 1', kind))[0]?.id)

async function query(statement: string, ...values: string[]): Promise<{ id?: string }[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<{ id?: string }>(statement, values)).rows
  } finally {
    await client.end()
  }
}
