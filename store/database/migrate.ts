import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { RolePasswords } from '../../model/access/process.ts'
import { StrataError } from '../../model/errors.ts'
import * as people from '../migrations/0001_people.ts'
import * as parties from '../migrations/0002_parties.ts'
import * as decisions from '../migrations/0003_decisions.ts'
import * as acquaintances from '../migrations/0010_acquaintances.ts'
import * as hops from '../migrations/0011_hops.ts'
import * as locks from '../migrations/0012_locks.ts'
import * as instances from '../migrations/0013_instances.ts'
import * as ledger from '../migrations/0015_ledger.ts'
import * as mails from '../migrations/0016_mails.ts'
import * as auctions from '../migrations/0017_auctions.ts'
import * as trades from '../migrations/0018_trades.ts'
import * as guildRanks from '../migrations/0019_guild_ranks.ts'
import * as dayShapes from '../migrations/0020_day_shapes.ts'
import * as plainCandidates from '../migrations/0021_plain_candidates.ts'
import * as accounts from '../migrations/0030_accounts.ts'
import * as social from '../migrations/0031_social.ts'
import * as auditLog from '../migrations/0032_audit_log.ts'
import * as profileChanges from '../migrations/0033_profile_changes.ts'
import * as guildInviters from '../migrations/0034_guild_inviters.ts'
import * as eventCrowds from '../migrations/0035_event_crowds.ts'
import * as playerNotices from '../migrations/0036_player_notices.ts'
import * as playing from '../migrations/0040_playing.ts'
import * as leftCopies from '../migrations/0041_left_copies.ts'
import * as hiddenCharacters from '../migrations/0042_hidden_characters.ts'
import * as relationChanges from '../migrations/0043_profile_changes_of_relations.ts'
import * as changesInTheWorld from '../migrations/0044_profile_changes_in_the_world.ts'
import * as boundedTables from '../migrations/0050_bounded_tables.ts'
import * as processRights from '../migrations/0051_process_rights.ts'
import * as guardedClaims from '../migrations/0052_guarded_claims.ts'
import * as consoleAccounts from '../migrations/0060_console_accounts.ts'
import * as violations from '../migrations/0061_violations.ts'
import * as operatorHolds from '../migrations/0062_operator_holds.ts'
import * as recordings from '../migrations/0063_recordings.ts'
import * as webhooks from '../migrations/0070_webhooks.ts'
import * as recordingSalts from '../migrations/0071_recording_salts.ts'
import { mapConnectionErrors } from './connectionErrors.ts'
import { openDatabase } from './database.ts'
import { grantRights } from './rights.ts'

/** In order. A released migration is never edited; a later migration corrects it. */
const migrations: Record<string, Migration> = {
  '0001_people': people,
  '0002_parties': parties,
  '0003_decisions': decisions,
  '0010_acquaintances': acquaintances,
  '0011_hops': hops,
  '0012_locks': locks,
  '0013_instances': instances,
  '0015_ledger': ledger,
  '0016_mails': mails,
  '0017_auctions': auctions,
  '0018_trades': trades,
  '0019_guild_ranks': guildRanks,
  '0020_day_shapes': dayShapes,
  '0021_plain_candidates': plainCandidates,
  '0030_accounts': accounts,
  '0031_social': social,
  '0032_audit_log': auditLog,
  '0033_profile_changes': profileChanges,
  '0034_guild_inviters': guildInviters,
  '0035_event_crowds': eventCrowds,
  '0036_player_notices': playerNotices,
  '0040_playing': playing,
  '0041_left_copies': leftCopies,
  '0042_hidden_characters': hiddenCharacters,
  '0043_profile_changes_of_relations': relationChanges,
  '0044_profile_changes_in_the_world': changesInTheWorld,
  '0050_bounded_tables': boundedTables,
  '0051_process_rights': processRights,
  '0052_guarded_claims': guardedClaims,
  '0060_console_accounts': consoleAccounts,
  '0061_violations': violations,
  '0062_operator_holds': operatorHolds,
  '0063_recordings': recordings,
  '0070_webhooks': webhooks,
  '0071_recording_salts': recordingSalts,
}

/** Name of the newest migration: the version of the database's schema. */
export const schemaVersion: string = Object.keys(migrations).at(-1) ?? ''

/** Deadline of one migration, in ms. It is long, because it only has to end the wait for a database that hangs. */
const MIGRATION_TIMEOUT_MS = 120_000

/**
 * Runs all migrations that are missing, and gives each process its rights (`rights.ts`). `url` is the owner's, which no other process needs. Any number of
 * processes may call it at once: one migrates, the others wait. A database with migrations of a newer release keeps its schema.
 */
export async function migrate(url: string, passwords: RolePasswords = {}): Promise<void> {
  await using database = openDatabase({ url, poolSize: 1, statementTimeoutMs: MIGRATION_TIMEOUT_MS })
  await mapConnectionErrors(async () => {
    await runMigrations(database.db)
    await grantRights(database.db, passwords)
  })
}

/** Runs the migrations up to `last`, for tests of a database of an earlier release. */
export async function migrateTo(url: string, last: string): Promise<void> {
  await using database = openDatabase({ url, poolSize: 1, statementTimeoutMs: MIGRATION_TIMEOUT_MS })
  await mapConnectionErrors(() => runMigrations(database.db, last))
}

/** Throws SCHEMA_TOO_OLD while a migration of this release is missing. */
export async function requireSchema(db: Kysely<unknown>): Promise<void> {
  await mapConnectionErrors(async () => {
    const done = await executed(db)
    const missing = Object.keys(migrations).find((name) => !done.has(name))
    if (missing !== undefined) throw new StrataError('SCHEMA_TOO_OLD', { missing })
  })
}

async function runMigrations(db: Kysely<unknown>, last?: string): Promise<void> {
  const done = await executed(db)
  if (Object.keys(migrations).every((name) => done.has(name))) return
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
  const { error, results } = last === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(last)
  if (error === undefined) return
  const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'the database'
  throw new StrataError('INTERNAL', { problem: `The migration ${failed} failed: ${error instanceof Error ? error.message : String(error)}` }, { cause: error })
}

async function executed(db: Kysely<unknown>): Promise<Set<string>> {
  const { rows } = await sql<{ present: boolean }>`SELECT to_regclass('kysely_migration') IS NOT NULL AS present`.execute(db)
  if (rows[0]?.present !== true) return new Set()
  const names = await sql<{ name: string }>`SELECT name FROM kysely_migration`.execute(db)
  return new Set(names.rows.map((row) => row.name))
}
