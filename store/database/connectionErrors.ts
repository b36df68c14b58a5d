import { StrataError } from '../../model/errors.ts'

/**
 * SQLSTATE codes that concern the connection, the server or other transactions, not the statement: connection, shutdown and cancel, resources, a transaction that
 * was rolled back because of another one (deadlock, lost race), a lock that was not free in time. The same statement may succeed a moment later.
 */
const outageStates = /^(08|40|57P0[1-5]$|57014$|53|55P03$)/
/** SQLSTATE of a write on a server that only reads: a demoted primary, or one that an operator or a full disk made read-only. */
const readOnlyState = '25006'
/** SQLSTATE codes of a stale prepared statement: a migration changed the table, or a proxy or the database dropped the plan. */
const stalePlanStates = /^(0A000|26000)$/
/** Error codes of Node sockets. ENOENT: a Unix socket is a file, which is removed when its server ends. */
const socketErrors = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH'])
/** Error messages of the driver that have no code. */
const outageMessages =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|connection error|not queryable|cannot use a pool after calling end/i

/** Runs `work` on PostgreSQL. Throws DEPENDENCY_DOWN if the cause of an error is the database or its connection, not the statement. */
export async function mapConnectionErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StrataError || !isOutage(error)) throw error
    throw new StrataError('DEPENDENCY_DOWN', { what: 'The database' }, { cause: error })
  }
}

function isOutage(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isOutage)
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  return code === readOnlyState || outageStates.test(code) || stalePlanStates.test(code) || socketErrors.has(code) || outageMessages.test(error.message)
}

/** Whether the connection keeps a stale plan, on which every later statement with the same text would fail. */
export function keepsStalePlan(error: Error): boolean {
  return stalePlanStates.test(codeOf(error))
}

/** Whether the connection leads to a server that only reads, so that another connection may lead to the new primary. */
export function isReadOnly(error: Error): boolean {
  return codeOf(error) === readOnlyState
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Resolves like `work`; throws DEPENDENCY_DOWN when the signal aborts first. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new StrataError('DEPENDENCY_DOWN', { what: 'The database' }, { cause: signal.reason }))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}
