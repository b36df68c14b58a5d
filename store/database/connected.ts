import { StrataError } from '../../model/errors.ts'

/** Classes of SQLSTATE that tell of the connection or the server, not of the statement: connection, shutdown and cancel, resources. */
const down = /^(08|57P0[1-5]$|57014$|53)/
/** A prepared plan does not fit any more: a migration changed the table, or something before the database forgot it. */
const stalePlan = /^(0A000|26000)$/
/** ENOENT: a Unix socket is a file, which goes with its server. */
const socket = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH'])
/** What the driver says without a code. */
const said =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|connection error|not queryable|cannot use a pool after calling end/i

/** Runs something against PostgreSQL; throws DEPENDENCY_DOWN where the database, not the statement, is the trouble. */
export async function connected<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StrataError || !isDown(error)) throw error
    throw new StrataError('DEPENDENCY_DOWN', { what: 'The database' }, { cause: error })
  }
}

function isDown(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDown)
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  return down.test(code) || stalePlan.test(code) || socket.has(code) || said.test(error.message)
}

/** The connection keeps a plan that every later statement of the same text would fail on. */
export function keepsStalePlan(error: Error): boolean {
  return stalePlan.test(codeOf(error))
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The same promise, given up when the signal aborts. */
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
