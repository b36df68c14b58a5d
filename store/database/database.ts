import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { defined } from '../../model/defined.ts'
import { isReadOnly, keepsStalePlan } from './connectionErrors.ts'
import { pooledStatement, type StatementSettings } from './pooledStatement.ts'
import { StatementNames } from './statementNames.ts'

/** Deadline for a free or new connection, in ms. */
const CONNECT_TIMEOUT_MS = 3_000
/** Default deadline of a statement on the server, in ms. */
const STATEMENT_TIMEOUT_MS = 5_000
/** Time that the client waits beyond the statement timeout of the server, in ms. The error of the server says more; this one is for a silent server. */
const ANSWER_MARGIN_MS = 1_000
/** A connection that is idle for this long is closed, in ms. */
const IDLE_TIMEOUT_MS = 30_000
/** Connections per process. */
export const DEFAULT_POOL_SIZE = 10

/** The part of a logger that the store uses; a pino logger has it. */
export interface StoreLog {
  warn(details: object, message: string): void
}

export interface DatabaseOptions {
  url: string
  poolSize?: number | undefined
  statementTimeoutMs?: number | undefined
  /** Connections are never closed when idle; `warmUp` opens all of them. */
  warm?: boolean | undefined
  log?: StoreLog | undefined
  /** Secret of the game server that this process is. Each new connection gets it before its first statement; behind a pooler, each statement. */
  serverSecret?: string | undefined
  /** `transaction`: the URL leads to a pooler in transaction mode, so nothing may depend on the session. */
  pooler?: Pooler | undefined
}

/** What is between this process and PostgreSQL. A pooler in session mode is `none`. */
export type Pooler = 'none' | 'transaction'

/** Parses bigint columns as numbers: epochs, entities and counts stay far below 2^53. */
export const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}

export interface Database<Tables> extends AsyncDisposable {
  db: Kysely<Tables>
  /**
   * Opens all connections now. Otherwise a statement that finds no idle connection waits for a new one, even if another becomes free first; at peak
   * load that takes a hundred times as long as the statement. Rejects if no connection can be opened.
   */
  warmUp(): Promise<void>
}

/** A bounded pool in which every statement has a deadline. It connects at the first statement. */
export function openDatabase<Tables>(options: DatabaseOptions): Database<Tables> {
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS
  const max = options.poolSize ?? DEFAULT_POOL_SIZE
  const deadlines = { statement_timeout: statementTimeoutMs, idle_in_transaction_session_timeout: statementTimeoutMs }
  const pooled = options.pooler === 'transaction'
  const pool = new pg.Pool({
    connectionString: options.url,
    max,
    min: options.warm === true ? max : 0,
    application_name: 'strata',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // They are sent in the start packet, where a pooler in transaction mode refuses them.
    ...(pooled ? {} : deadlines),
    query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    types,
  })
  pool.on('error', (error) => options.log?.warn({ err: error }, 'An idle database connection broke; the pool opens another one when needed.'))
  // The driver also emits an error on a connection in use. Without a listener it would end the process; the statement is rejected anyway.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const { serverSecret } = options
  const own = defined({ 'strata.server_secret': serverSecret })
  const perStatement: StatementSettings | undefined = pooled
    ? { ...Object.fromEntries(Object.entries(deadlines).map(([name, ms]) => [name, String(ms)])), ...own }
    : undefined
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: careful(pool, { serverSecret, perStatement }) }) })
  const warmUp = async (): Promise<void> => {
    const opened = await Promise.allSettled(Array.from({ length: max }, () => pool.connect()))
    for (const one of opened) if (one.status === 'fulfilled') one.value.release()
    const failed = opened.filter((one) => one.status === 'rejected')
    // At the connection limit PostgreSQL may refuse all simultaneous attempts, because it counts those that it is about to refuse. One alone may succeed.
    if (failed.length === max) {
      const alone = await pool.connect()
      alone.release()
      failed.pop()
    }
    // Fewer connections are slower, but better than a process that does not start.
    if (failed.length > 0) options.log?.warn({ err: failed[0]?.reason, failed: failed.length, of: max }, 'Not all database connections could be opened.')
  }
  return { db, warmUp, [Symbol.asyncDispose]: () => db.destroy() }
}

/** Statements that begin or end a transaction. They need no settings; the statements between them have their own. */
const transactionControl = /^(begin|start transaction|commit|rollback|savepoint|release)\b/i

interface Care {
  serverSecret: string | undefined
  /** Settings of each statement, behind a pooler in transaction mode. Undefined: the session has them. */
  perStatement: StatementSettings | undefined
}

/**
 * Prepares statements with parameters once per connection, but not behind a pooler in transaction mode. When a statement times out, the driver keeps the connection, and later statements wait behind
 * the first (head-of-line blocking); after an unclean failover the whole pool would hang. Therefore a connection is discarded after one timeout,
 * and also when it keeps a stale plan. When a write meets a server that only reads, all connections opened so far are discarded: those that
 * only read would go on reading from a demoted primary.
 *
 * The server's secret goes as a parameter: other sessions of the same role can read the text of this one's statements. It is not in the start packet, because
 * a pooler in session mode refuses settings there.
 */
function careful(pool: pg.Pool, { serverSecret, perStatement }: Care): PostgresPool {
  const names = new StatementNames()
  let generation = 0
  const openedIn = new WeakMap<object, number>()
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      let client = await pool.connect()
      while (openedIn.has(client) && openedIn.get(client) !== generation) {
        client.release(true)
        client = await pool.connect()
      }
      if (!openedIn.has(client)) {
        openedIn.set(client, generation)
        if (serverSecret !== undefined && perStatement === undefined) await identify(client, serverSecret)
      }
      let mustDiscard = false
      const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
        try {
          if (perStatement !== undefined && !transactionControl.test(text)) return await sendPooled(client, text, parameters, perStatement)
          const name = parameters.length === 0 || perStatement !== undefined ? undefined : names.of(text)
          return await client.query(defined({ text, values: [...parameters], name }))
        } catch (error) {
          if (error instanceof Error && isReadOnly(error)) generation++
          mustDiscard ||= error instanceof Error && (error.message === 'Query read timeout' || keepsStalePlan(error))
          throw error
        }
      }
      // The type also has cursors, which the store does not use.
      return {
        query,
        release: (destroy?: boolean) => client.release(destroy === true || mustDiscard || openedIn.get(client) !== generation),
      } as PostgresPoolClient
    },
  }
}

function sendPooled(client: pg.PoolClient, text: string, values: readonly unknown[], settings: StatementSettings): Promise<unknown> {
  const query = pooledStatement(text, values, settings)
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, result: unknown): void => (error === null ? resolve(result) : reject(error))
    client.query(Object.assign(query, { callback: done }))
  })
}

async function identify(client: pg.PoolClient, serverSecret: string): Promise<void> {
  try {
    await client.query(`SELECT set_config('strata.server_secret', $1, false)`, [serverSecret])
  } catch (error) {
    client.release(true)
    throw error
  }
}
