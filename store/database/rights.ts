import { type Kysely, sql } from 'kysely'
import { type ProcessKind, type RolePasswords, roles } from '../../model/access/process.ts'
import { StrataError } from '../../model/errors.ts'

/** One right on one table: `SELECT` of the whole table, `UPDATE (state, reason)` of some columns. */
type Rights = Readonly<Record<string, string>>

/** What a profile is read from. Of the player's account, not its display name. */
const profile: Rights = {
  player_accounts: 'SELECT (id, playing, banned_until, ban_reason, muted_until, mute_reason)',
  parties: 'SELECT',
  party_members: 'SELECT',
  friendships: 'SELECT',
  blocks: 'SELECT',
  acquaintances: 'SELECT',
}
/** What each process needs to start and to answer its readiness probe. */
const every: Rights = { kysely_migration: 'SELECT', write_probe: 'SELECT, UPDATE' }
/** Columns of a character that say who holds it, and what that server saves. A trigger checks each write (`../migrations/0052_guarded_claims.ts`). */
const held = 'epoch, live_copy, live_server, moving, moving_to, used_permits, state, state_version, saved_at, left_copy, left_at, attributes'
/** Columns of a character without its saved state. */
const known =
  'id, entity, name, name_key, language, languages, look_alike, guild, account, settings, epoch, live_copy, live_server, claimed_by, moving, state_version, saved_at, attributes, left_copy, left_at, created_at, deleted_at'
/** The log, and what it is applied to: no process deletes or changes an entry. */
const appendOnly = ['transactions', 'postings', 'item_moves', 'audit_log']
const whole = 'SELECT, INSERT, UPDATE, DELETE'

/** Money and items: a game server writes them only through the functions of `../migrations/0051_process_rights.ts`, which `0052_guarded_claims.ts` wraps. */
const gameServer: Rights = {
  ...every,
  ...profile,
  characters: `SELECT, UPDATE (${held})`,
  locks: whole,
  violations: 'INSERT',
  accounts: 'SELECT',
  items: 'SELECT',
  requests: 'SELECT, INSERT (actor, key, fingerprint, at, refusal)',
  trades: 'SELECT, INSERT, UPDATE (version, confirmed_a, confirmed_b, state, reason)',
}
const orchestrator: Rights = {
  ...every,
  ...profile,
  characters: `SELECT (${known})`,
  decisions: 'SELECT, INSERT, UPDATE',
  day_shapes: 'SELECT, INSERT, UPDATE',
  event_crowds: 'SELECT, INSERT, UPDATE',
  game_servers: 'SELECT (secret_hash, public_key)',
  guilds: 'SELECT (id, name)',
  console_accounts: 'SELECT',
  operator_holds: 'SELECT, INSERT, DELETE',
  recording_chunks: 'SELECT, INSERT, UPDATE, DELETE',
  recording_key: 'SELECT, INSERT, UPDATE',
  recording_salts: 'SELECT, INSERT (character)',
  audit_log: 'SELECT, INSERT (actor, action, subject, reason, details)',
}
/** Tables that only the owner writes. */
const ownersTables = ['kysely_migration', 'kysely_migration_lock', 'claim_guard', 'permit_keys', 'game_servers', 'console_accounts']
/** Tables that only an orchestrator uses: with the key and the salts of the recordings, pseudonyms lead to characters. */
const orchestratorsTables = ['recording_chunks', 'recording_key', 'recording_salts']
/** What a matchmaker reads of the owner's: it signs permits, and seals the tickets of moves. */
const guard: Rights = { permit_keys: 'SELECT (id, key)', game_servers: 'SELECT (secret_hash, public_key)' }

/**
 * Gives each role exactly its rights, whatever it had before, in one transaction, so that no running process loses a right in between. The owner of the tables
 * migrates, and no process runs as the owner. A role with a password may log in; the others are groups, for logins that an operator has made.
 */
export async function grantRights(db: Kysely<unknown>, passwords: RolePasswords): Promise<void> {
  await requireRoles(db)
  await db.transaction().execute(async (tx) => {
    // Two concurrent GRANTs on one table fail.
    await sql`SELECT pg_advisory_xact_lock(hashtext('strata rights'))`.execute(tx)
    const { rows } = await sql<{ name: string }>`SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()`.execute(tx)
    const tables = rows.map(({ name }) => name)
    const matchmaker = Object.fromEntries(
      tables
        .filter((name) => !ownersTables.includes(name) && !orchestratorsTables.includes(name))
        .map((name) => [name, appendOnly.includes(name) ? 'SELECT, INSERT' : whole]),
    )
    const statements = [
      ...Object.values(roles).map((role) => `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role}`),
      ...grants(roles.gameserver, gameServer),
      ...grants(roles.orchestrator, orchestrator),
      ...grants(roles.matchmaker, { ...matchmaker, ...every, ...guard }),
      `GRANT EXECUTE ON FUNCTION lock_accounts, post_transaction TO ${roles.gameserver}, ${roles.matchmaker}`,
      `GRANT EXECUTE ON FUNCTION register_server, unregister_server TO ${roles.gameserver}`,
      // It had another name when the roles got their right to execute it.
      `REVOKE ALL ON FUNCTION write_transaction FROM ${roles.gameserver}, ${roles.matchmaker}`,
      // A process needs no temporary tables, and could bind triggers to its own ones.
      "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$",
      'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
    ]
    await sql.raw(statements.join(';\n')).execute(tx)
    for (const [process, password] of Object.entries(passwords)) await setPassword(tx, roles[process as ProcessKind], password) // the keys of `passwords`
  })
}

function grants(role: string, rights: Rights): string[] {
  return Object.entries(rights).map(([table, right]) => `GRANT ${right} ON ${table} TO ${role}`)
}

/** Roles belong to the whole server: another database may have made them, also at this moment. */
async function requireRoles(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ name: string }>`SELECT rolname AS name FROM pg_roles WHERE rolname = ANY(${Object.values(roles)}::text[])`.execute(db)
  const missing = Object.values(roles).filter((role) => !rows.some(({ name }) => name === role))
  const create = missing.map((role) => `CREATE ROLE ${role} NOLOGIN`)
  try {
    for (const statement of create) await sql.raw(`DO $$ BEGIN ${statement}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`).execute(db)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error
    const problem = `its user may not create roles; run this once as a user with CREATEROLE, then migrate again: ${create.join('; ')}`
    throw new StrataError('SETTING_INVALID', { setting: 'DATABASE_URL', problem }, { cause: error })
  }
}

async function setPassword(db: Kysely<unknown>, role: string, password: string): Promise<void> {
  const { rows } = await sql<{ statement: string }>`SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', ${role}::text, ${password}::text) AS statement`.execute(db)
  for (const { statement } of rows) await sql.raw(statement).execute(db)
}
