import { type Kysely, type Selectable, sql } from 'kysely'
import { DAY_MS, type Instant } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import { type Holdings, type Item, type ItemId, limits, type Mail, type MailId, type RequestKey } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Tables } from '../../tables.ts'
import { bagOf, type LedgerAccount, mailEscrowOf } from '../ledger/accounts.ts'
import { holdingsOf } from '../ledger/holdings.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type EconomyParts, transact } from '../ledger/transact.ts'

/** Mail goes back to its writer, or is deleted if it is empty, after this time, in ms. */
const EXPIRES_MS = 30 * DAY_MS

export interface MailDraft {
  to: CharacterId
  subject: string
  body?: string
  money?: number
  items?: readonly ItemId[]
}

/** Attachments leave the bag of the writer at once and wait in the escrow of the mail. Throws CHARACTER_UNKNOWN (also for a blocked one), MAILBOX_FULL, NOT_ENOUGH_MONEY, ITEM_NOT_HELD. */
export async function sendMail(parts: EconomyParts, request: RequestKey, from: CharacterId, draft: MailDraft): Promise<{ mail: MailId }> {
  const { to, subject, body = '', money = 0, items = [] } = draft
  const blocks = await parts.blocks.of(from)
  return transact(parts, { ...request, kind: 'mail.send', body: { from, to, subject, body, money, items } }, async (ledger) => {
    const mail = ledger.newId()
    const [bag, escrow] = [bagOf(from), mailEscrowOf(mail)]
    await requireCharacter(ledger.db, to)
    await blocks.refuse(ledger.db, to)
    // Locks the account of the reader, too: two concurrent mails must not both use the last place of the mailbox.
    await ledger.lock(bag, bagOf(to), escrow)
    await requireMailboxSpace(ledger.db, to)
    ledger.pay(bag, escrow, money)
    await ledger.give(items, bag, escrow)
    await insertMail(ledger, { mail, from, to, subject, body, house: false, full: money > 0 || items.length > 0 })
    ledger.note = { mail, to }
    return { mail }
  })
}

/** Takes all attachments. Throws MAIL_UNKNOWN, BAG_FULL. */
export function takeMail(parts: EconomyParts, request: RequestKey, reader: CharacterId, mail: MailId): Promise<Holdings> {
  return transact(parts, { ...request, kind: 'mail.take', body: { reader, mail } }, async (ledger) => {
    await lockOwnMail(ledger.db, reader, mail)
    const [bag, escrow] = [bagOf(reader), mailEscrowOf(mail)]
    await ledger.lock(bag, escrow)
    const taken = { money: ledger.balance(escrow), items: await ledger.itemsIn(escrow) }
    ledger.pay(escrow, bag, taken.money)
    await ledger.give(idsOf(taken.items), escrow, bag)
    await ledger.db.updateTable('mails').set({ state: 'empty' }).where('id', '=', mail).execute()
    ledger.note = { mail }
    return taken
  })
}

/** Throws MAIL_UNKNOWN, and ECONOMY_REFUSED while the mail has attachments. */
export function deleteMail(parts: EconomyParts, request: RequestKey, reader: CharacterId, mail: MailId): Promise<{ deleted: true }> {
  return transact(parts, { ...request, kind: 'mail.delete', body: { reader, mail } }, async (ledger) => {
    const { state } = await lockOwnMail(ledger.db, reader, mail)
    if (state === 'full') throw new StrataError('ECONOMY_REFUSED', { problem: 'take the attachments first' })
    await ledger.db.updateTable('mails').set({ state: 'deleted' }).where('id', '=', mail).execute()
    ledger.note = { mail }
    return { deleted: true as const }
  })
}

/** Ends expired mail: mail with attachments goes back to its writer once, other mail is deleted. */
export function expireMail(parts: EconomyParts, mail: MailId): Promise<object> {
  return transact(parts, { actor: 'keeper', key: `mail ${mail} expires`, kind: 'mail.expire', body: { mail } }, async (ledger) => {
    const row = await ledger.db.selectFrom('mails').selectAll().where('id', '=', mail).forUpdate().executeTakeFirstOrThrow()
    const change = row.state === 'full' ? { writer: row.reader, reader: row.writer, returned: true, expires_at: null } : { state: 'deleted' as const }
    await ledger.db.updateTable('mails').set(change).where('id', '=', mail).execute()
    ledger.note = defined({ mail, to: row.state === 'full' ? row.writer : undefined })
    return {}
  })
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

export async function expiredMail(db: Kysely<Tables>, now: Instant, limit: number): Promise<MailId[]> {
  const rows = await db
    .selectFrom('mails')
    .select('id')
    .where('state', '<>', 'deleted')
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
