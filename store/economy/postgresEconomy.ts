import { sql } from 'kysely'
import { DAY_MS } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import { mapConnectionErrors } from '../database/connectionErrors.ts'
import type { Economy } from './economy.ts'
import * as bank from './guilds/guildBank.ts'
import * as guilds from './guilds/guilds.ts'
import { bagOf } from './ledger/accounts.ts'
import { audit } from './ledger/audit.ts'
import * as grants from './ledger/grants.ts'
import { historyOf } from './ledger/history.ts'
import { holdingsOf } from './ledger/holdings.ts'
import { rollback } from './ledger/rollback.ts'
import type { EconomyParts } from './ledger/transact.ts'
import * as auctions from './market/auctions.ts'
import * as mail from './market/mail.ts'
import * as trades from './market/trades.ts'

/** One round of tidying ends so many of each kind: the rest is for the next. */
const AT_ONCE = 100
/** Nobody repeats a request after so long. What it did stays in the log. */
const REQUESTS_KEPT_MS = 90 * DAY_MS

/** The economy on PostgreSQL. At most `waiting` requests are under way or wait for a connection; more are refused at once. */
export function createEconomy(parts: EconomyParts, waiting = 256): Economy {
  const { db, clock } = parts
  const within = admission(waiting)
  return {
    holdings: (character) => within(async () => (await holdingsOf(db, [bagOf(character)])).get(bagOf(character)) ?? { money: 0, items: [] }),
    grant: (request, grant, held) => within(() => grants.grant(parts, request, grant, held)),
    use: (request, use, held) => within(() => grants.use(parts, request, use, held)),

    openTrade: (request, copy, sides) => within(() => trades.openTrade(parts, request, copy, sides)),
    offer: (request, character, trade, offer) => within(() => trades.offer(parts, request, character, trade, offer)),
    confirm: (request, character, trade, version) => within(() => trades.confirm(parts, request, character, trade, version)),
    cancelTrade: (request, trade, reason) => within(() => trades.cancelTrade(parts, request, trade, reason)),
    trade: (trade) => within(() => trades.tradeOf(db, trade)),

    sendMail: (request, from, letter) => within(() => mail.sendMail(parts, request, from, letter)),
    takeMail: (request, reader, id) => within(() => mail.takeMail(parts, request, reader, id)),
    deleteMail: (request, reader, id) => within(() => mail.deleteMail(parts, request, reader, id)),
    mail: (reader) => within(() => mail.mailOf(db, reader)),

    listAuction: (request, seller, offer) => within(() => auctions.listAuction(parts, request, seller, offer)),
    bid: (request, bidder, auction, amount) => within(() => auctions.bid(parts, request, bidder, auction, amount)),
    buyOut: (request, buyer, auction) => within(() => auctions.buyOut(parts, request, buyer, auction)),
    cancelAuction: (request, seller, auction) => within(() => auctions.cancelAuction(parts, request, seller, auction)),
    auctions: (limit) => within(() => auctions.openAuctions(db, clock.now(), limit)),

    foundGuild: (founder, name) => within(() => guilds.foundGuild(parts, founder, name)),
    inviteToGuild: (by, character) => within(() => guilds.inviteToGuild(parts, by, character)),
    joinGuild: (character, guild) => within(() => guilds.joinGuild(parts, character, guild)),
    leaveGuild: (by, character) => within(() => guilds.leaveGuild(parts, by, character)),
    setGuildRank: (by, character, rank) => within(() => guilds.setGuildRank(parts, by, character, rank)),
    membership: (character) => within(() => guilds.membershipOf(db, character)),
    guildMembers: (guild) => within(() => guilds.guildMembers(db, guild)),
    deposit: (request, character, what) => within(() => bank.deposit(parts, request, character, what)),
    withdraw: (request, character, what) => within(() => bank.withdraw(parts, request, character, what)),
    bank: (character) => within(() => bank.bankHoldings(db, character)),

    history: (transaction) => within(() => historyOf(db, transaction)),
    rollback: (request, transaction, reason) => within(() => rollback(parts, request, transaction, reason)),
    tidy: () => within(() => tidy(parts)),
    audit: () => within(() => audit(db, clock)),
  }
}

async function tidy(parts: EconomyParts): Promise<number> {
  const { db, clock } = parts
  const now = clock.now()
  const ended = await auctions.endedAuctions(db, now, AT_ONCE)
  for (const auction of ended) await auctions.settleAuction(parts, auction)
  const expired = await mail.expiredMail(db, now, AT_ONCE)
  for (const letter of expired) await mail.expireMail(parts, letter)
  const broken = await trades.brokenTrades(db, AT_ONCE)
  for (const trade of broken) await trades.cancelTrade(parts, { actor: 'keeper', key: `trade ${trade} breaks` }, trade, 'they parted')
  await sql`DELETE FROM requests WHERE (actor, key) IN (
    SELECT actor, key FROM requests WHERE at < ${new Date(now - REQUESTS_KEPT_MS)} ORDER BY at LIMIT ${AT_ONCE})`.execute(db)
  return ended.length + expired.length + broken.length
}

/** The pool is bounded, its line is not: a database that has become slow must not fill the memory with requests that nobody waits for any more. */
function admission(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let inside = 0
  return async (work) => {
    if (inside >= most) throw new StrataError('DEPENDENCY_DOWN', { what: 'The database' })
    inside += 1
    try {
      return await mapConnectionErrors(work)
    } finally {
      inside -= 1
    }
  }
}
