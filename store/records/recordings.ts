import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../model/clock.ts'
import type { CharacterId } from '../../model/ids.ts'
import { mapConnectionErrors } from '../database/connectionErrors.ts'
import { deleteInBatches } from '../database/inBatches.ts'
import type { Tables } from '../tables.ts'

/** The key of the pseudonyms. `window` counts the keys: pseudonyms of one window agree. */
export interface RecordingKey {
  window: number
  key: Uint8Array
  since: Instant
}

/** What is known of a chunk without reading its events. */
export interface ChunkHead {
  from: Instant
  until: Instant
  window: number
  /** The chunk begins with everybody who is in the world. */
  keyframe: boolean
  /** Most players in the world at once. */
  players: number
  bytes: number
}

export interface RecordedChunk extends Omit<ChunkHead, 'bytes'> {
  /** One uninterrupted time of one leader. */
  term: string
  events: Uint8Array
}

export interface Recordings {
  /** The key in force. The first call stores `fresh`. */
  recordingKey(fresh: Uint8Array, now: Instant): Promise<RecordingKey>
  /** Overwrites the key of `window` with `fresh`, unless another call did, and returns the key in force. */
  rotateRecordingKey(window: number, fresh: Uint8Array, now: Instant): Promise<RecordingKey>
  /** The salts of these characters, which are made where there are none. A character's salt is deleted with the character. */
  recordingSalts(characters: readonly CharacterId[]): Promise<Map<CharacterId, string>>
  /** False: another term has recorded a part of this time, and nothing was stored. A chunk that is stored already may be sent again. */
  recordChunk(chunk: RecordedChunk): Promise<boolean>
  /** The chunks between two instants, oldest first, beginning with the last keyframe before them. */
  recordedChunks(from: Instant, until: Instant): AsyncGenerator<RecordedChunk>
  /** Without their events, oldest first. */
  recordedHeads(since: Instant): Promise<ChunkHead[]>
  /** Deletes the chunks that ended before an instant; returns how many. */
  forgetRecording(before: Instant): Promise<number>
}

/** Chunks read at once: about a megabyte for 10,000 players. */
const PAGE = 30

export function createRecordings(db: Kysely<Tables>): Recordings {
  const keyInForce = async (): Promise<RecordingKey> => {
    const { recording_window, key, since } = await db.selectFrom('recording_key').select(['recording_window', 'key', 'since']).executeTakeFirstOrThrow()
    return { window: recording_window, key, since: since.getTime() }
  }
  return {
    recordingKey: (fresh, now) =>
      mapConnectionErrors(async () => {
        await db
          .insertInto('recording_key')
          .values({ recording_window: 1, key: Buffer.from(fresh), since: new Date(now) })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        return keyInForce()
      }),
    rotateRecordingKey: (window, fresh, now) =>
      mapConnectionErrors(async () => {
        await db
          .updateTable('recording_key')
          .set({ recording_window: window + 1, key: Buffer.from(fresh), since: new Date(now) })
          .where('recording_window', '=', window)
          .execute()
        return keyInForce()
      }),
    recordingSalts: (characters) =>
      mapConnectionErrors(async () => {
        await sql`INSERT INTO recording_salts (character) SELECT unnest(${characters}::text[]) ON CONFLICT DO NOTHING`.execute(db)
        const rows = await db.selectFrom('recording_salts').select(['character', 'salt']).where('character', 'in', characters).execute()
        return new Map(rows.map(({ character, salt }) => [character, salt]))
      }),
    recordChunk: (chunk) => mapConnectionErrors(() => recordChunk(db, chunk)),
    recordedChunks: (from, until) => recordedChunks(db, from, until),
    recordedHeads: (since) =>
      mapConnectionErrors(async () => {
        const rows = await db
          .selectFrom('recording_chunks')
          .select(['starts_at', 'ends_at', 'recording_window', 'keyframe', 'players', sql<number>`octet_length(events)`.as('bytes')])
          .where('ends_at', '>', new Date(since))
          .orderBy('starts_at')
          .execute()
        return rows.map(({ starts_at, ends_at, recording_window, ...rest }) => ({
          ...rest,
          from: starts_at.getTime(),
          until: ends_at.getTime(),
          window: recording_window,
        }))
      }),
    forgetRecording: (before) =>
      mapConnectionErrors(() => deleteInBatches(db, { table: 'recording_chunks', where: sql`ends_at < ${new Date(before)}`, by: 'starts_at' })),
  }
}

/** The conflict names no column: it is the primary key or the exclusion. */
async function recordChunk(db: Kysely<Tables>, { from, until, window, term, keyframe, players, events }: RecordedChunk): Promise<boolean> {
  const row = { starts_at: new Date(from), ends_at: new Date(until), recording_window: window, term, keyframe, players, events: Buffer.from(events) }
  const { numInsertedOrUpdatedRows = 0n } = await db
    .insertInto('recording_chunks')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows > 0n) return true
  const stored = await db.selectFrom('recording_chunks').select('term').where('starts_at', '=', row.starts_at).executeTakeFirst()
  return stored?.term === term
}

async function* recordedChunks(db: Kysely<Tables>, from: Instant, until: Instant): AsyncGenerator<RecordedChunk> {
  const { begin } = await mapConnectionErrors(() =>
    db
      .selectFrom('recording_chunks')
      .select(({ fn }) => fn.max('starts_at').as('begin'))
      .where('keyframe', '=', true)
      .where('starts_at', '<=', new Date(from))
      .executeTakeFirstOrThrow(),
  )
  let after = new Date((begin?.getTime() ?? from) - 1)
  for (;;) {
    const rows = await mapConnectionErrors(() =>
      db
        .selectFrom('recording_chunks')
        .selectAll()
        .where('starts_at', '>', after)
        .where('starts_at', '<', new Date(until))
        .orderBy('starts_at')
        .limit(PAGE)
        .execute(),
    )
    for (const { starts_at, ends_at, recording_window, ...rest } of rows)
      yield { ...rest, from: starts_at.getTime(), until: ends_at.getTime(), window: recording_window }
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    after = last.starts_at
  }
}
