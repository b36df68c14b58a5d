import type { Kysely } from 'kysely'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { AccountId, CharacterId } from '../../model/ids.ts'
import { foldName } from '../../model/people/names.ts'
import { toJsonb } from '../database/json.ts'
import type { Tables } from '../tables.ts'
import type { AccountRecord, Accounts, AuditEntry, Sanction } from './accounts.ts'

type Database = Kysely<Tables>

export const accountColumns = ['id', 'display_name', 'created_at', 'banned_until', 'ban_reason', 'muted_until', 'mute_reason'] as const

interface AccountRow {
  id: AccountId
  display_name: string | null
  created_at: Date
  banned_until: Date | null
  ban_reason: string | null
  muted_until: Date | null
  mute_reason: string | null
}

export function recordOf(row: AccountRow): AccountRecord {
  return defined({
    account: row.id,
    displayName: row.display_name ?? undefined,
    createdAt: row.created_at.getTime(),
    ban: sanctionOf(row.banned_until, row.ban_reason),
    mute: sanctionOf(row.muted_until, row.mute_reason),
  })
}

function sanctionOf(until: Date | null, reason: string | null): Sanction | undefined {
  return until === null ? undefined : { until: until.getTime(), reason: reason ?? '' }
}

export async function ensureAccount(db: Database, account: AccountId, displayName?: string): Promise<AccountRecord> {
  const known = await readAccount(db, account)
  if (known !== undefined && (displayName === undefined || known.displayName === displayName)) return known
  const row = await db
    .insertInto('player_accounts')
    .values({ id: account, display_name: displayName ?? null })
    .onConflict((conflict) => conflict.column('id').doUpdateSet((old) => ({ display_name: displayName ?? old.ref('player_accounts.display_name') })))
    .returning(accountColumns)
    .executeTakeFirstOrThrow()
  return recordOf(row)
}

export async function readAccount(db: Database, account: AccountId): Promise<AccountRecord | undefined> {
  const row = await db.selectFrom('player_accounts').select(accountColumns).where('id', '=', account).executeTakeFirst()
  return row === undefined ? undefined : recordOf(row)
}

export async function setBan(db: Database, account: AccountId, ban: Sanction | undefined): Promise<void> {
  await update(db, account, { banned_until: dateOf(ban), ban_reason: ban?.reason ?? null })
}

export async function setMute(db: Database, account: AccountId, mute: Sanction | undefined): Promise<void> {
  await update(db, account, { muted_until: dateOf(mute), mute_reason: mute?.reason ?? null })
}

type SanctionColumns = Partial<Pick<AccountRow, 'banned_until' | 'ban_reason' | 'muted_until' | 'mute_reason'>>

async function update(db: Database, account: AccountId, columnsToSet: SanctionColumns): Promise<void> {
  const { numUpdatedRows } = await db.updateTable('player_accounts').set(columnsToSet).where('id', '=', account).executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new StrataError('ACCOUNT_UNKNOWN', { account })
}

function dateOf(sanction: Sanction | undefined): Date | null {
  return sanction === undefined ? null : new Date(sanction.until)
}

export async function findAccount(db: Database, idOrCharacter: string): Promise<AccountId | undefined> {
  if ((await readAccount(db, idOrCharacter)) !== undefined) return idOrCharacter
  const row = await db
    .selectFrom('characters')
    .select(['id', 'account'])
    .where(({ eb, or }) => or([eb('id', '=', idOrCharacter as CharacterId), eb('name_key', '=', foldName(idOrCharacter))]))
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row === undefined ? undefined : (row.account ?? row.id)
}

export async function audit(db: Database, { actor, action, subject, reason, details = {} }: AuditEntry): Promise<void> {
  await db
    .insertInto('audit_log')
    .values({ actor, action, subject, reason: reason ?? null, details: toJsonb(details) })
    .execute()
}

export async function auditLog(db: Database, limit: number, subject?: string): ReturnType<Accounts['auditLog']> {
  const all = db.selectFrom('audit_log').select(['at', 'actor', 'action', 'subject', 'reason', 'details']).orderBy('id', 'desc').limit(limit)
  const rows = await (subject === undefined ? all : all.where('subject', '=', subject)).execute()
  return rows.map(({ at, reason, ...rest }) => defined({ ...rest, at: at.getTime(), reason: reason ?? undefined }))
}
