import { type Kysely, sql } from 'kysely'
import { StrataError } from '../model/errors.ts'
import type { CharacterId, CopyId, Epoch, MoveId, ServerId } from '../model/ids.ts'
import { toJsonb } from './database/json.ts'
import type { Claim } from './store.ts'
import type { Tables } from './tables.ts'

/**
 * Which process may write a character. Each function is one SQL statement, and each write has the epoch of the writer in its condition:
 *
 *     nobody ──claim──▶ live(e+1) ──release──▶ moving(e) ──claimReleased──▶ live(e+1)
 *        ▲                 │  ▲                    │
 *        └──────leave──────┘  └─────claim (login)──┘     save: live(e) only
 *
 * For a session with the rights of a game server, a trigger checks who may do what (`migrations/0052_guarded_claims.ts`).
 */
export interface Save {
  character: CharacterId
  epoch: Epoch
  state: unknown
  stateVersion: number
}
type Place = { copy: CopyId; server: ServerId }
type Database = Kysely<Tables>

const claimColumns = ['epoch', 'state', 'state_version as stateVersion'] as const

export async function claim(db: Database, character: CharacterId, at: Place, permit?: string): Promise<Claim> {
  const row = await refusals(character, () =>
    db
      .updateTable('characters')
      .set((row) => ({ epoch: row('epoch', '+', 1), live_copy: at.copy, live_server: at.server, moving: null }))
      .$if(permit !== undefined, (query) => query.set({ used_permits: sql<string[]>`array_append(used_permits, ${permit}::text)` }))
      .where('id', '=', character)
      .where('deleted_at', 'is', null)
      .returning(claimColumns)
      .executeTakeFirst(),
  )
  if (row === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
  return row
}

interface Release {
  character: CharacterId
  move: MoveId
  epoch: Epoch
}

export async function claimReleased(db: Database, { character, move, epoch }: Release, at: Place): Promise<Claim | undefined> {
  return refusals(character, () =>
    db
      .updateTable('characters')
      .set({ epoch: epoch + 1, live_copy: at.copy, live_server: at.server, moving: null })
      .where('id', '=', character)
      .where('moving', '=', move)
      .where('epoch', '=', epoch)
      .returning(claimColumns)
      .executeTakeFirst(),
  )
}

/** Throws CLAIM_REFUSED for a claim that this game server may not make. */
async function refusals<T>(character: CharacterId, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error
    throw new StrataError('CLAIM_REFUSED', { character, problem: error.message }, { cause: error })
  }
}

export async function save(db: Database, { character, epoch, state, stateVersion }: Save): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('characters')
    .set({ state: toJsonb(state), state_version: stateVersion, saved_at: sql<Date>`now()` })
    .where('id', '=', character)
    .where('epoch', '=', epoch)
    .where('live_copy', 'is not', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** May be repeated with the same epoch, because the answer to the first call may have been lost. */
export async function leave(db: Database, { character, epoch, state, stateVersion }: Save): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('characters')
    .set({
      state: toJsonb(state),
      state_version: stateVersion,
      saved_at: sql<Date>`now()`,
      // A repeated call finds no live copy, and changes neither copy nor time.
      left_copy: sql<string | null>`coalesce(live_copy, left_copy)`,
      left_at: sql<Date | null>`CASE WHEN live_copy IS NULL THEN left_at ELSE now() END`,
      live_copy: null,
      live_server: null,
    })
    .where('id', '=', character)
    .where('epoch', '=', epoch)
    .where('moving', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/**
 * The saves as a record set `v`. For two saves of one character, the later one counts. PostgreSQL knows how many rows arrays have, so it finds each by its key; of a
 * JSON document it assumes 100, and would scan the whole table for one character.
 */
function asRows(saves: readonly Save[]) {
  const latest = new Map(saves.map((one) => [one.character, one]))
  const column = <T>(of: (one: Save) => T): T[] => [...latest.values()].map(of)
  const [ids, epochs] = [column(({ character }) => character), column(({ epoch }) => epoch)]
  const [states, versions] = [column(({ state }) => (state == null ? null : toJsonb(state))), column(({ stateVersion }) => stateVersion)]
  return sql`unnest(${ids}::text[], ${epochs}::bigint[], ${states}::jsonb[], ${versions}::integer[]) AS v (id, epoch, state, state_version)`
}

/** Part of a statement that selects from it first: its transaction does not wait until the disk has it. */
const unflushed = sql`unflushed AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS set)`

/**
 * Locks the rows in the order of their ids before it writes them, so that the batches of a stale holder and of the current holder cannot
 * deadlock. After a wait PostgreSQL checks the condition again on the current row. The lock is not FOR UPDATE, because that would also block
 * statements with a foreign key to the character (mail to it), and could deadlock with them.
 *
 * The answer does not wait until the disk has the states, because the locks would last as long: a player of the room who is moved meanwhile would be held for
 * that time. A crash of the database loses up to 0.6 s of saves, and the server, which has the states in memory, saves them again within its interval.
 */
export async function saveMany(db: Database, saves: readonly Save[]): Promise<CharacterId[]> {
  if (saves.length === 0) return []
  const { rows } = await sql<{ id: CharacterId }>`
    WITH ${unflushed},
    v AS MATERIALIZED (SELECT v.* FROM unflushed, ${asRows(saves)}),
    held AS MATERIALIZED (
      SELECT c.id FROM characters c JOIN v ON v.id = c.id AND v.epoch = c.epoch
      WHERE c.live_copy IS NOT NULL ORDER BY c.id FOR NO KEY UPDATE OF c
    )
    UPDATE characters c SET state = v.state, state_version = v.state_version, saved_at = now()
    FROM v JOIN held ON held.id = v.id WHERE c.id = v.id AND c.epoch = v.epoch
    RETURNING c.id`.execute(db)
  const written = new Set(rows.map((row) => row.id))
  return [...new Set(saves.map((one) => one.character))].filter((character) => !written.has(character))
}

/** The characters that are not live at these epochs. It reads rows by their key, and a row that another statement locks does not hold it up. */
export async function notHeld(db: Database, holds: readonly Pick<Save, 'character' | 'epoch'>[]): Promise<CharacterId[]> {
  if (holds.length === 0) return []
  const { rows } = await sql<{ id: CharacterId }>`
    SELECT c.id FROM characters c JOIN unnest(${holds.map(({ character }) => character)}::text[], ${holds.map(({ epoch }) => epoch)}::bigint[]) AS v (id, epoch)
      ON v.id = c.id AND v.epoch = c.epoch
    WHERE c.live_copy IS NOT NULL`.execute(db)
  const held = new Set(rows.map((row) => row.id))
  return [...new Set(holds.map((one) => one.character))].filter((character) => !held.has(character))
}

/**
 * Releases all characters or none. May be repeated for the same move, like `leave`: the answer stays `true` when a member was claimed elsewhere since, as
 * long as another member is still released for the move. Then the first call, which released all, was carried out and its answer was lost.
 *
 * The answer does not wait until the disk has the release, because players wait for it. The claim at the destination does, and the log is written in order:
 * the server that may write the character next has made the release durable. A crash in between undoes the release, and the source holds the character as before.
 */
export async function release(db: Database, move: MoveId, saves: readonly Save[], to: ServerId | undefined): Promise<boolean> {
  if (saves.length === 0) return true
  const { rows } = await sql<{ id: CharacterId }>`
    WITH ${unflushed},
    v AS MATERIALIZED (SELECT v.* FROM unflushed, ${asRows(saves)}),
    held AS MATERIALIZED (
      SELECT c.id, c.moving FROM characters c JOIN v ON v.id = c.id AND v.epoch = c.epoch
      WHERE (c.live_copy IS NOT NULL OR c.moving = ${move}) ORDER BY c.id FOR NO KEY UPDATE OF c
    ),
    released AS (
      UPDATE characters c SET state = v.state, state_version = v.state_version, saved_at = now(), live_copy = NULL, live_server = NULL, moving = ${move},
        moving_to = ${to ?? null}
      FROM v WHERE c.id = v.id AND c.epoch = v.epoch AND (SELECT count(*) FROM held) = (SELECT count(*) FROM v)
      RETURNING c.id
    )
    SELECT id FROM released UNION SELECT id FROM held WHERE moving = ${move}`.execute(db)
  return rows.length > 0
}
