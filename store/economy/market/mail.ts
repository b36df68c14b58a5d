import { type Kysely, type Selectable, sql } from 'kysely'
import { DAY_MS, type Instant } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import { type Holdings, type Item, type ItemId, limits, type Mail, type MailId, type RequestKey } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Tables } from '../../tables.ts'
import { bagOf, type LedgerAccount, mailEscrowOf, WORLD } from '../ledger/accounts.ts'
import { holdingsOf } from '../ledger/holdings.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { requireDailyQuota } from '../ledger/quota.ts'
import { UNDOABLE_MS } from '../ledger/rollback.ts'
import { type EconomyParts, transact } from '../ledger/transact.ts'

/** Mail goes back to its writer, or is removed if it is empty, after this time, in ms. Also the life of an emptied letter that had no such date. */
const EXPIRES_MS = 30 * DAY_MS
/** Kind of a sent letter in the log. */
const SENDING = 'mail.send'

export interface MailDraft {
  to: CharacterId
  subject: string
  body?: string
  money?: number
  items?: readonly ItemId[]
}

/**
 * Attachments leave the bag of the writer at once and wait in the escrow of the mail; a letter without attachments has none. Above `limits.freeLetters` in
 * 24 hours the writer pays postage. Throws CHARACTER_UNKNOWN (also for a blocked one), MAILBOX_FULL, NOT_ENOUGH_MONEY, ITEM_NOT_HELD, ECONOMY_REFUSED.
 */
export async function sendMail(parts: EconomyParts, request: RequestKey, from: CharacterId, draft: MailDraft): Promise<{ mail: MailId }> {
  const { to, subject, body = '', money = 0, items = [] } = draft
  const blocks = await parts.blocks.of(from)
  return transact(parts, { ...request, kind: SENDING, body: { from, to, subject, body, money, items } }, async (ledger) => {
    const mail = ledger.newId()
    const full = money > 0 || items.length > 0
    const [bag, escrow] = [bagOf(from), mailEscrowOf(mail)]
    await requireCharacter(ledger.db, to)
    await blocks.refuse(ledger.db, to)
    // Locks the account of the reader, too: two concurrent mails must not both use the last place of the mailbox.
    await ledger.lock(bag, bagOf(to), ...(full ? [escrow] : []))
    await requireMailboxSpace(ledger.db, to)
    const sent = await requireDailyQuota(ledger, { actor: request.actor, kind: SENDING, limit: limits.lettersPerDay, things: 'letters' })
    if (full) {
      await requireFewUntaken(ledger.db, from)
      ledger.pay(bag, escrow, money)
      await ledger.give(items, bag, escrow)
    }
    if (sent >= limits.freeLetters) ledger.pay(bag, WORLD, limits.postage)
    await insertMail(ledger, { mail, from, to, subject, body, house: false, full })
    ledger.note = { mail, to }
    return { mail }
  })
}

/** Takes all attachments. From then on every letter has a date of removal. Throws MAIL_UNKNOWN, BAG_FULL. */
export function takeMail(parts: EconomyParts, request: RequestKey, reader: CharacterId, mail: MailId): Promise<Holdings> {
  return transact(parts, { ...request, kind: 'mail.take', body: { reader, mail } }, async (ledger) => {
    const { state, expires_at } = await lockOwnMail(ledger.db, reader, mail)
    ledger.note = { mail }
    if (state === 'empty') return { money: 0, items: [] }
    const [bag, escrow] = [bagOf(reader), mailEscrowOf(mail)]
    await ledger.lock(bag, escrow)
    const taken = { money: ledger.balance(escrow), items: await ledger.itemsIn(escrow) }
    ledger.pay(escrow, bag, taken.money)
    await ledger.give(idsOf(taken.items), escrow, bag)
    const expires = expires_at ?? new Date(ledger.now + EXPIRES_MS)
    await ledger.db.updateTable('mails').set({ state: 'empty', expires_at: expires }).where('id', '=', mail).execute()
    return taken
  })
}

/** Throws MAIL_UNKNOWN, and ECONOMY_REFUSED while the mail has attachments. */
export function deleteMail(parts: EconomyParts, request: RequestKey, reader: CharacterId, mail: MailId): Promise<{ deleted: true }> {
  return transact(parts, { ...request, kind: 'mail.delete', body: { reader, mail } }, async (ledger) => {
    const { state } = await lockOwnMail(ledger.db, reader, mail)
    if (state === 'full') throw new StrataError('ECONOMY_REFUSED', { problem: 'take the attachments first' })
    ledger.note = { mail }
    await removeEmptied(ledger.db, [mail], ledger.now)
    return { deleted: true as const }
  })
}

/** Ends expired mail with attachments: it goes back to its writer, once. Expired mail without attachments is removed by `removeExpiredMail`. */
export function returnMail(parts: EconomyParts, mail: MailId): Promise<object> {
  return transact(parts, { actor: 'keeper', key: `mail ${mail} expires`, kind: 'mail.expire', body: { mail } }, async (ledger) => {
    const row = await ledger.db.selectFrom('mails').selectAll().where('id', '=', mail).forUpdate().executeTakeFirst()
    ledger.note = { mail }
    if (row?.state !== 'full' || row.expires_at === null) return {}
    const change = { writer: row.reader, reader: row.writer, returned: true, expires_at: null }
    await ledger.db.updateTable('mails').set(change).where('id', '=', mail).execute()
    ledger.note = { mail, to: row.writer }
    return {}
  })
}

/** Removes up to `limit` expired letters without attachments; returns how many. Nothing moves, so the log does not name them. */
export async function removeExpiredMail(db: Kysely<Tables>, now: Instant, limit: number): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: MailId }>`
      SELECT id FROM mails WHERE state = 'empty' AND expires_at <= ${new Date(now)} ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`.execute(tx)
    await removeEmptied(
      tx,
      rows.map(({ id }) => id),
      now,
    )
    return rows.length
  })
}

/**
 * Removes letters without attachments, whose rows are locked. The row of a letter that had attachments stays for as long as a transaction that moved them may be
 * undone: `expires_at` of a deleted letter is the instant of its removal.
 */
async function removeEmptied(db: Kysely<Tables>, mails: readonly MailId[], now: Instant): Promise<void> {
  if (mails.length === 0) return
  await sql`UPDATE mails SET state = 'deleted', expires_at = ${new Date(now + UNDOABLE_MS)} WHERE id = ANY(${[...mails]}::text[])
    AND EXISTS (SELECT FROM accounts a WHERE a.id = ('mail:' || mails.id) COLLATE "C")`.execute(db)
  await sql`DELETE FROM mails WHERE id = ANY(${[...mails]}::text[]) AND state = 'empty'`.execute(db)
}

/** Mail from the auction house with all items in `escrow`. The escrow account of the mail must be locked. */
export async function deliver(
  ledger: Ledger,
  delivery: { mail: MailId; from: CharacterId; to: CharacterId; subject: string; escrow: LedgerAccount },
): Promise<void> {
  const items = await ledger.itemsIn(delivery.escrow)
  await ledger.give(idsOf(items), delivery.escrow, mailEscrowOf(delivery.mail))
  await insertMail(ledger, { ...delivery, body: '', house: true, full: true })
}

/** Newest first. */
export async function mailOf(db: Kysely<Tables>, reader: CharacterId): Promise<Mail[]> {
  const rows = await db
    .selectFrom('mails')
    .selectAll()
    .where('reader', '=', reader)
    .where('state', '<>', 'deleted')
    .orderBy('sent_at', 'desc')
    .orderBy('id')
    .limit(2 * limits.mailbox)
    .execute()
  const attached = await holdingsOf(
    db,
    rows.map(({ id }) => mailEscrowOf(id)),
  )
  return rows.map((row) =>
    defined({
      id: row.id,
      from: row.writer,
      to: row.reader,
      sender: row.house ? ('auction house' as const) : ('character' as const),
      subject: row.subject,
      body: row.body,
      sent: row.sent_at.getTime(),
      expires: row.expires_at?.getTime(),
      returned: row.returned,
      attached: attached.get(mailEscrowOf(row.id)) ?? { money: 0, items: [] },
    }),
  )
}

/** Mail with attachments that nobody has taken in time. */
export async function expiredMail(db: Kysely<Tables>, now: Instant, limit: number): Promise<MailId[]> {
  const rows = await db
    .selectFrom('mails')
    .select('id')
    .where(sql<boolean>`state = 'full'`)
    .where('expires_at', '<=', new Date(now))
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

const idsOf = (items: readonly Item[]): ItemId[] => items.map(({ id }) => id)

async function lockOwnMail(db: Kysely<Tables>, reader: CharacterId, mail: MailId): Promise<Selectable<Tables['mails']>> {
  const row = await db.selectFrom('mails').selectAll().where('id', '=', mail).forUpdate().executeTakeFirst()
  if (row === undefined || row.reader !== reader || row.state === 'deleted') throw new StrataError('MAIL_UNKNOWN', { mail })
  return row
}

async function requireMailboxSpace(db: Kysely<Tables>, reader: CharacterId): Promise<void> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM mails WHERE reader = ${reader} AND state <> 'deleted'`.execute(db)
  if ((rows[0]?.count ?? 0) >= limits.mailbox) throw new StrataError('MAILBOX_FULL', { limit: limits.mailbox })
}

/** Attachments that nobody takes come back and then wait without a date: a sender must not store goods in the mail without bound. */
async function requireFewUntaken(db: Kysely<Tables>, writer: CharacterId): Promise<void> {
  const { rows } = await sql<{ count: number }>`
    SELECT (SELECT count(*) FROM mails WHERE writer = ${writer} AND state = 'full' AND NOT house AND NOT returned)
      + (SELECT count(*) FROM mails WHERE reader = ${writer} AND state = 'full' AND returned) AS count`.execute(db)
  if ((rows[0]?.count ?? 0) >= limits.untakenLetters)
    throw new StrataError('ECONOMY_REFUSED', {
      problem: `the attachments of ${limits.untakenLetters} of your letters are not taken yet; take those that came back, or wait`,
    })
}

export async function requireCharacter(db: Kysely<Tables>, character: CharacterId): Promise<void> {
  const known = await db.selectFrom('characters').select('id').where('id', '=', character).executeTakeFirst()
  if (known === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
}

interface NewMail {
  mail: MailId
  from: CharacterId
  to: CharacterId
  subject: string
  body: string
  house: boolean
  full: boolean
}
async function insertMail({ db, now }: Ledger, { mail, from, to, full, ...text }: NewMail): Promise<void> {
  const { subject, body, house } = text
  const [sent_at, expires_at] = [new Date(now), house ? null : new Date(now + EXPIRES_MS)]
  const state = full ? 'full' : 'empty'
  await db.insertInto('mails').values({ id: mail, writer: from, reader: to, house, subject, body, sent_at, expires_at, state }).execute()
}
