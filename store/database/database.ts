import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { keepsStalePlan } from './connected.ts'
import { StatementNames } from './statementNames.ts'

const CONNECT_TIMEOUT_MS = 3_000
const STATEMENT_TIMEOUT_MS = 5_000
/** Above the server's own timeout, which tells more; this one is for a server that does not answer at all. */
const ANSWER_MARGIN_MS = 1_000
const IDLE_TIMEOUT_MS = 30_000
export const DEFAULT_POOL_SIZE = 10

/** What the store needs of a log; pino's fits. */
export interface StoreLog {
  warn(details: object, message: string): void
}

export interface DatabaseOptions {
  url: string
  poolSize?: number | undefined
  statementTimeoutMs?: number | undefined
  /** Connections, once open, stay open: `warmUp` opens all of them. */
  warm?: boolean | undefined
  log?: StoreLog | undefined
}

/** bigint arrives as a number: epochs, entities and counts all stay far below 2^53. */
export const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}

export interface Database<Tables> extends AsyncDisposable {
  db: Kysely<Tables>
  /**
   * Opens all connections now. A connection is made for a statement that finds none idle, and that statement waits for it even if
   * another is free by then: in a crowd that is a hundred times what the statement itself takes. Rejects when not even one can be had.
   */
  warmUp(): Promise<void>
}

/** A bounded pool whose every statement has a deadline; connects when first used. */
export function openDatabase<Tables>(options: DatabaseOptions): Database<Tables> {
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS
  const max = options.poolSize ?? DEFAULT_POOL_SIZE
  const pool = new pg.Pool({
    connectionString: options.url,
    max,
    min: options.warm === true ? max : 0,
    application_name: 'strata',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    types,
  })
  // An idle connection broke; the pool replaces it, and whoever needs one meanwhile gets DEPENDENCY_DOWN.
  pool.on('error', (error) => options.log?.warn({ err: error }, 'an idle database connection broke'))
  // The driver emits the same on a connection in use, besides rejecting the statement; unheard it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: prepared(pool) }) })
  const warmUp = async (): Promise<void> => {
    const opened = await Promise.allSettled(Array.from({ length: max }, () => pool.connect()))
    for (const one of opened) if (one.status === 'fulfilled') one.value.release()
    const failed = opened.filter((one) => one.status === 'rejected')
    // At a limit all that come at once may be refused where one alone is not: PostgreSQL counts those that it is about to refuse.
    if (failed.length === max) {
      const alone = await pool.connect()
      alone.release()
      failed.pop()
    }
    // With fewer it works, more slowly: a server that refused to start would help nobody.
    if (failed.length > 0) options.log?.warn({ err: failed[0]?.reason, failed: failed.length, of: max }, 'not all database connections could be opened')
  }
  return { db, warmUp, [Symbol.asyncDispose]: () => db.destroy() }
}

/**
 * Statements with parameters are prepared, once for each connection. The driver gives up on a statement and keeps its
 * connection, where every later statement waits behind the first: after a failover without farewell the pool would stay full
 * of such. Whatever did not answer once is thrown away, and so is whatever keeps a stale plan.
 */
function prepared(pool: pg.Pool): PostgresPool {
  const names = new StatementNames()
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      let useless = false
      const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
        const name = parameters.length === 0 ? undefined : names.of(text)
        try {
          return await client.query({ text, values: [...parameters], ...(name === undefined ? {} : { name }) })
        } catch (error) {
          useless ||= error instanceof Error && (error.message === 'Query read timeout' || keepsStalePlan(error))
          throw error
        }
      }
      // The type has cursors besides, which are not used here.
      return { query, release: (destroy?: boolean) => client.release(destroy === true || useless) } as PostgresPoolClient
    },
  }
}
