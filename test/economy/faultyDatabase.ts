import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { types } from '../../store/database/database.ts'
import type { Tables } from '../../store/tables.ts'

/** The fault of one statement. `before`: its connection breaks before it is sent. `after`: the connection breaks after it was executed, so its result is lost. */
export type ConnectionFault = 'none' | 'before' | 'after'

export interface Query {
  text: string
  values: readonly unknown[]
}

export interface Faults {
  /** Called for each statement; may wait, so that other connections run first. */
  connectionFault?(statement: string): ConnectionFault | Promise<ConnectionFault>
  /** A deliberate bug: runs `instead` in place of the statement, or commits `elsewhere` on another connection before it. */
  corrupt?(query: Query): { instead?: Query; elsewhere?: Query } | undefined
}

/** Opens a connection pool whose statements fail or change as `faults` says. */
export function openFaultyDatabase(url: string, faults: Faults, poolSize = 8): AsyncDisposable & { db: Kysely<Tables> } {
  const pool = new pg.Pool({ connectionString: url, max: poolSize, statement_timeout: 10_000, types })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const faultyPool: PostgresPool = {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      // pg keeps its socket here. Destroying it looks like a killed process or a broken network.
      const socket = (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream
      const query = async (statement: string, parameters: readonly unknown[]): Promise<unknown> => {
        const connectionFault = (await faults.connectionFault?.(statement)) ?? 'none'
        const { instead, elsewhere } = faults.corrupt?.({ text: statement, values: parameters }) ?? {}
        if (elsewhere !== undefined) await pool.query(elsewhere.text, [...elsewhere.values])
        if (connectionFault === 'before') socket.destroy()
        const { text, values } = instead ?? { text: statement, values: parameters }
        const result = await client.query(text, [...values])
        if (connectionFault !== 'after') return result
        socket.destroy()
        throw new Error('Connection terminated unexpectedly')
      }
      // The type also has cursors, which the economy does not use.
      return { query, release: (destroy?: boolean) => client.release(destroy) } as PostgresPoolClient
    },
  }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: faultyPool }) })
  return { db, [Symbol.asyncDispose]: () => db.destroy() }
}
