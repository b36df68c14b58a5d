import { StrataError } from '../../model/errors.ts'
import { mapConnectionErrors } from '../database/connectionErrors.ts'
import { inBatches } from '../database/inBatches.ts'
import { createBlocks } from '../social/blocks.ts'
import type { SocialSource } from '../source/socialSource.ts'
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
import { tidy } from './tidy.ts'

/** Entries of one kind that a sweep reads at once. */
const SWEEP_LIMIT = 100
/** Most entries of each kind that one sweep ends; the next sweep continues. Bounds how long the end of a process waits for its sweep. */
const MOST_ENDED = 2_000

/** `source`: blocks besides those in the tables. */
export type EconomyOptions = Omit<EconomyParts, 'blocks'> & { source?: SocialSource }

/** The economy on PostgreSQL. At most `maxRequests` requests run or wait for a connection; further ones are refused (back-pressure). */
export function createEconomy({ source, ...options }: EconomyOptions, maxRequests = 256): Economy {
  const { db, clock } = options
  const blocks = createBlocks(db, source)
  const parts: EconomyParts = { ...options, blocks }
  const admit = admission(maxRequests)
  return {
    holdings: (character) => admit(async () => (await holdingsOf(db, [bagOf(character)])).get(bagOf(character)) ?? { money: 0, items: [] }),
    grant: (request, grant, held) => admit(() => grants.grant(parts, request, grant, held)),
    use: (request, use, held) => admit(() => grants.use(parts, request, use, held)),

    openTrade: (request, copy, sides) => admit(() => trades.openTrade(parts, request, copy, sides)),
    offer: (request, character, trade, offer) => admit(() => trades.offer(parts, request, { character, trade }, offer)),
    confirm: (request, character, trade, version) => admit(() => trades.confirm(parts, request, { character, trade }, version)),
    cancelTrade: (request, trade, reason) => admit(() => trades.cancelTrade(parts, request, trade, reason)),
    trade: (trade) => admit(() => trades.tradeOf(db, trade)),

    sendMail: (request, from, draft) => admit(() => mail.sendMail(parts, request, from, draft)),
    takeMail: (request, reader, id) => admit(() => mail.takeMail(parts, request, reader, id)),
    deleteMail: (request, reader, id) => admit(() => mail.deleteMail(parts, request, reader, id)),
    mail: (reader) => admit(() => mail.mailOf(db, reader)),

    listAuction: (request, seller, offer) => admit(() => auctions.listAuction(parts, request, seller, offer)),
    bid: (request, bidder, auction, amount) => admit(() => auctions.bid(parts, request, { bidder, auction, amount })),
    buyOut: (request, buyer, auction) => admit(() => auctions.buyOut(parts, request, buyer, auction)),
    cancelAuction: (request, seller, auction) => admit(() => auctions.cancelAuction(parts, request, seller, auction)),
    auctions: (limit, viewer) => admit(() => auctions.openAuctions(parts, limit, viewer)),

    foundGuild: (founder, name) => admit(() => guilds.foundGuild(parts, founder, name)),
    inviteToGuild: (by, character) => admit(() => guilds.inviteToGuild(parts, by, character)),
    guildInvitations: (character) => admit(() => guilds.guildInvitations(parts, character)),
    declineGuild: (character, guild) => admit(() => guilds.declineGuild(db, character, guild)),
    joinGuild: (character, guild) => admit(() => guilds.joinGuild(parts, character, guild)),
    leaveGuild: (by, character) => admit(() => guilds.leaveGuild(parts, by, character)),
    setGuildRank: (by, character, rank) => admit(() => guilds.setGuildRank(parts, by, character, rank)),
    membership: (character) => admit(() => guilds.membershipOf(db, character)),
    guildMembers: (guild) => admit(() => guilds.guildMembers(db, guild)),
    deposit: (request, character, what) => admit(() => bank.deposit(parts, request, character, what)),
    withdraw: (request, character, what) => admit(() => bank.withdraw(parts, request, character, what)),
    bank: (character) => admit(() => bank.bankHoldings(db, character)),

    history: (transaction) => admit(() => historyOf(db, transaction)),
    rollback: (request, transaction, reason) => admit(() => rollback(parts, request, transaction, reason)),
    sweep: () => admit(() => sweep(parts)),
    audit: () => admit(() => audit(db, clock)),
  }
}

/** Each round may find entries that came due during the one before; the next sweep continues after `MOST_ENDED`. */
async function sweep(parts: EconomyParts): Promise<number> {
  const { db, clock } = parts
  const now = clock.now()
  const each =
    <Id>(find: (limit: number) => Promise<Id[]>, end: (id: Id) => Promise<unknown>) =>
    async (limit: number): Promise<number> => {
      const found = await find(limit)
      for (const id of found) await end(id)
      return found.length
    }
  const kinds = [
    each(
      (limit) => auctions.endedAuctions(db, now, limit),
      (auction) => auctions.settleAuction(parts, auction),
    ),
    each(
      (limit) => mail.expiredMail(db, now, limit),
      (id) => mail.returnMail(parts, id),
    ),
    each(
      (limit) => trades.brokenTrades(db, limit),
      (trade) => trades.breakTrade(parts, trade),
    ),
  ]
  let ended = 0
  for (const kind of kinds) ended += await inBatches(SWEEP_LIMIT, kind, MOST_ENDED)
  await tidy(parts)
  return ended
}

/** Limits concurrent requests. The pool is bounded but its queue is not: a slow database must not fill the memory with requests whose callers have timed out. */
function admission(maxRequests: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  return async (work) => {
    if (running >= maxRequests) throw new StrataError('DEPENDENCY_DOWN', { what: 'The database' })
    running += 1
    try {
      return await mapConnectionErrors(work)
    } finally {
      running -= 1
    }
  }
}
