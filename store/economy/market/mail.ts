import { type Kysely, type Selectable, sql } from 'kysely'
import { DAY_MS, type Instant } from '../../../model/clock.ts'
import { type Holdings, type Item, type ItemId, limits, type Mail, type MailId, type RequestKey } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Tables } from '../../tables.ts'
import { type AccountId, bagOf, letterOf } from '../ledger/accounts.ts'
import { holdingsOf } from '../ledger/holdings.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type EconomyParts, transact } from '../ledger/transact.ts'

const EXPIRES_MS = 30 * DAY_MS

export interface Letter {
  to: CharacterId
  subject: string
  body?: string
  money?: number
  items?: readonly ItemId[]
}

/** What is attached leaves the writer at once and waits with the letter. Throws CHARACTER_UNKNOWN, MAILBOX_FULL, NOT_ENOUGH_MONEY, ITEM_NOT_HELD. */
export function sendMail(parts: EconomyParts, request: RequestKey, from: CharacterId, letter: Letter): Promise<{ mail: MailId }> {
  const { to, subject, body = '', money = 0, items = [] } = letter
  return transact(parts, { ...request, kind: 'mail.send', body: { from, to, subject, body, money, items } }, async (ledger) => {
    const mail = ledger.newId()
    const [bag, escrow] = [bagOf(from), letterOf(mail)]
    await knownCharacter(ledger.db, to)
    // The reader's account too: two letters at once must not both be the last that fits.
    await ledger.lock(bag, bagOf(to), escrow)
    await roomFor(ledger.db, to)
    ledger.pay(bag, escrow, money)
    await ledger.give(items, bag, escrow)
    await writeLetter(ledger, { mail, from, to, subject, body, house: false, full: money > 0 || items.length > 0 })
    ledger.note = { mail, to }
    return { mail }
  })
}

/** Takes all that is attached. Throws MAIL_UNKNOWN, BAG_FULL. */
export function takeMail(parts: EconomyParts, request: RequestKey, reader: CharacterId, mail: MailId): Promise<Holdings> {
  return transact(parts, { ...request, kind: 'mail.take', body: { reader, mail } }, async (ledger) => {
    await ownLetter(ledger.db, reader, mail)
    const [bag, escrow] = [bagOf(reader), letterOf(mail)]
    await ledger.lock(bag, escrow)
    const taken = { money: ledger.balance(escrow), items: await ledger.itemsIn(escrow) }
    ledger.pay(escrow, bag, taken.money)
    await ledger.give(idsOf(taken.items), escrow, bag)
    await ledger.db.updateTable('mails').set({ state: 'empty' }).where('id', '=', mail).execute()
    ledger.note = { mail }
    return taken
  })
}

/** Throws MAIL_UNKNOWN, ECONOMY_REFUSED while something is attached. */
export function deleteMail(parts: EconomyParts, request: RequestKey, reader: CharacterId, mail: MailId): Promise<{ deleted: true }> {
  return transact(parts, { ...request, kind: 'mail.delete', body: { reader, mail } }, async (ledger) => {
    const { state } = await ownLetter(ledger.db, reader, mail)
    if (state === 'full') throw new StrataError('ECONOMY_REFUSED', { problem: 'take what is attached first' })
    await ledger.db.updateTable('mails').set({ state: 'deleted' }).where('id', '=', mail).execute()
    ledger.note = { mail }
    return { deleted: true as const }
  })
}

/** What nobody took in time goes back to its writer, once; an empty letter is thrown away. Nothing for one that was dealt with. */
export function expireMail(parts: EconomyParts, mail: MailId): Promise<object> {
  return transact(parts, { actor: 'keeper', key: `mail ${mail} expires`, kind: 'mail.expire', body: { mail } }, async (ledger) => {
    const row = await ledger.db.selectFrom('mails').selectAll().where('id', '=', mail).forUpdate().executeTakeFirstOrThrow()
    const change = row.state === 'full' ? { writer: row.reader, reader: row.writer, returned: true, expires_at: null } : { state: 'deleted' as const }
    await ledger.db.updateTable('mails').set(change).where('id', '=', mail).execute()
    ledger.note = { mail, ...(row.state === 'full' ? { to: row.writer } : {}) }
    return {}
  })
}

/** From the auction house: what is in `escrow` goes into a letter, whose account must be locked. */
export async function deliver(ledger: Ledger, letter: { mail: MailId; from: CharacterId; to: CharacterId; subject: string; escrow: AccountId }): Promise<void> {
  const items = await ledger.itemsIn(letter.escrow)
  await ledger.give(idsOf(items), letter.escrow, letterOf(letter.mail))
  await writeLetter(ledger, { ...letter, body: '', house: true, full: true })
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
    rows.map(({ id }) => letterOf(id)),
  )
  return rows.map((row) => ({
    id: row.id,
    from: row.writer,
    to: row.reader,
    sender: row.house ? 'auction house' : 'character',
    subject: row.subject,
    body: row.body,
    sent: row.sent_at.getTime(),
    ...(row.expires_at === null ? {} : { expires: row.expires_at.getTime() }),
    returned: row.returned,
    attached: attached.get(letterOf(row.id)) ?? { money: 0, items: [] },
  }))
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

async function ownLetter(db: Kysely<Tables>, reader: CharacterId, mail: MailId): Promise<Selectable<Tables['mails']>> {
  const row = await db.selectFrom('mails').selectAll().where('id', '=', mail).forUpdate().executeTakeFirst()
  if (row === undefined || row.reader !== reader || row.state === 'deleted') throw new StrataError('MAIL_UNKNOWN', { mail })
  return row
}

async function roomFor(db: Kysely<Tables>, reader: CharacterId): Promise<void> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM mails WHERE reader = ${reader} AND state <> 'deleted'`.execute(db)
  if ((rows[0]?.count ?? 0) >= limits.mailbox) throw new StrataError('MAILBOX_FULL', { limit: limits.mailbox })
}

export async function knownCharacter(db: Kysely<Tables>, character: CharacterId): Promise<void> {
  const known = await db.selectFrom('characters').select('id').where('id', '=', character).executeTakeFirst()
  if (known === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
}

interface NewLetter {
  mail: MailId
  from: CharacterId
  to: CharacterId
  subject: string
  body: string
  house: boolean
  full: boolean
}
async function writeLetter({ db, now }: Ledger, { mail, from, to, full, ...text }: NewLetter): Promise<void> {
  const { subject, body, house } = text
  const [sent_at, expires_at] = [new Date(now), house ? null : new Date(now + EXPIRES_MS)]
  const state = full ? 'full' : 'empty'
  await db.insertInto('mails').values({ id: mail, writer: from, reader: to, house, subject, body, sent_at, expires_at, state }).execute()
}
