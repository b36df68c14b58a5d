import pg from 'pg'
import type { Leadership } from '../store.ts'
import { connected } from './connected.ts'

const CONNECT_TIMEOUT_MS = 3_000
/** Three figures in this order make D3 (15 s) hold: a leader looks often, knows that it lost … */
const PING_EVERY_MS = 1_000
const PING_TIMEOUT_MS = 3_000
/** … before the server gives the lock away: a leader that hangs (paused process, dead host) is silent for this long. */
const SILENCE_MS = 8_000
/** First key of the two-key form of advisory locks: ours, whatever else uses this database. */
const LOCK_SPACE = 0x5354_5241

/** A connection of its own holds the lock: when the process or the network dies, so does the lock, without anybody's help. */
export async function tryLead(url: string, name: string, silenceMs = SILENCE_MS): Promise<Leadership | undefined> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `strata leader ${name}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: PING_TIMEOUT_MS,
    keepAlive: true,
  })
  const lost = new AbortController()
  client.on('error', (error) => lost.abort(error))
  client.on('end', () => lost.abort(new Error('the connection that holds the lock ended')))
  return connected(async () => {
    try {
      await client.connect()
      await client.query(`SET idle_session_timeout = ${silenceMs}; SET tcp_user_timeout = ${silenceMs}`)
      const { rows } = await client.query<{ leads: boolean }>('SELECT pg_try_advisory_lock($1, hashtext($2)) AS leads', [LOCK_SPACE, name])
      if (rows[0]?.leads === true) return hold(client, lost)
      await client.end()
      return undefined
    } catch (error) {
      // Not awaited: the server that failed us need not answer a farewell either.
      void client.end().catch(() => undefined)
      throw error
    }
  })
}

function hold(client: pg.Client, lost: AbortController): Leadership {
  let timer: NodeJS.Timeout
  const ping = async (): Promise<void> => {
    try {
      await client.query('SELECT 1')
      if (!lost.signal.aborted) timer = setTimeout(() => void ping(), PING_EVERY_MS)
    } catch (error) {
      lost.abort(error)
    }
  }
  timer = setTimeout(() => void ping(), PING_EVERY_MS)
  // Whatever the reason: who no longer leads holds no connection either.
  lost.signal.addEventListener('abort', () => {
    clearTimeout(timer)
    void client.end().catch(() => undefined)
  })
  return {
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer)
      await client.end().catch(() => undefined)
    },
  }
}
