import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { types } from '../../store/database/database.ts'
import type { Tables } from '../../store/tables.ts'

/** What happens around one statement. `before`: its connection dies before it is sent; `after`: when it was carried out, and nobody hears of it. */
export type Fate = 'goes well' | 'before' | 'after'

export interface Query {
  text: string
  values: readonly unknown[]
}

export interface Rig {
  /** Asked for each statement; may wait, to let others go first. */
  fate?(statement: string): Fate | Promise<Fate>
  /** A deliberate bug: another statement `instead`, or one before it `elsewhere`, on a connection of its own, where it is committed at once. */
  falsify?(query: Query): { instead?: Query; elsewhere?: Query } | undefined
}

/** The database as the economy sees it, with accidents. */
export function riggedDatabase(url: string, rig: Rig, poolSize = 8): AsyncDisposable & { db: Kysely<Tables> } {
  const pool = new pg.Pool({ connectionString: url, max: poolSize, statement_timeout: 10_000, types })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const rigged: PostgresPool = {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      // pg keeps its socket here; ending it is what a killed process or a broken wire look like.
      const socket = (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream
      const query = async (statement: string, parameters: readonly unknown[]): Promise<unknown> => {
        const fate = (await rig.fate?.(statement)) ?? 'goes well'
        const { instead, elsewhere } = rig.falsify?.({ text: statement, values: parameters }) ?? {}
        if (elsewhere !== undefined) await pool.query(elsewhere.text, [...elsewhere.values])
        if (fate === 'before') socket.destroy()
        const { text, values } = instead ?? { text: statement, values: parameters }
        const result = await client.query(text, [...values])
        if (fate !== 'after') return result
        socket.destroy()
        throw new Error('Connection terminated unexpectedly')
      }
      // The type has cursors besides, which are not used here.
      return { query, release: (destroy?: boolean) => client.release(destroy) } as PostgresPoolClient
    },
  }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: rigged }) })
  return { db, [Symbol.asyncDispose]: () => db.destroy() }
}
