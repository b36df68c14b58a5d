import pg from 'pg'
import type { Leadership } from '../store.ts'
import { mapConnectionErrors } from './connectionErrors.ts'

const CONNECT_TIMEOUT_MS = 3_000
/** Pause between two pings of the leader, in ms. PING_EVERY_MS + PING_TIMEOUT_MS < SILENCE_MS: a leader knows that it lost before another one leads. */
const PING_EVERY_MS = 1_000
const PING_TIMEOUT_MS = 3_000
/** The server ends a session that is silent for this long, in ms, and frees the lock. A leader that hangs is then replaced within 15 s (rule D3). */
const SILENCE_MS = 8_000
/** First key of the two-key advisory locks, so that other users of the same database do not take the same lock. */
const LOCK_SPACE = 0x5354_5241

/** Fails on a server that only reads, such as a demoted primary: a lock there is none at the new primary, where another process may lead. */
const mustWrite = 'SELECT FROM write_probe FOR KEY SHARE'

/** Takes the advisory lock on a connection of its own, so that PostgreSQL frees the lock when the process or its network fails. */
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
  client.on('end', () => lost.abort(new Error('The connection that holds the leader lock ended.')))
  return mapConnectionErrors(async () => {
    try {
      await client.connect()
      await client.query(`SET idle_session_timeout = ${silenceMs}; SET tcp_user_timeout = ${silenceMs}`)
      await client.query(mustWrite)
      const { rows } = await client.query<{ leads: boolean }>('SELECT pg_try_advisory_lock($1, hashtext($2)) AS leads', [LOCK_SPACE, name])
      if (rows[0]?.leads === true) return hold(client, lost)
      await client.end()
      return undefined
    } catch (error) {
      // Not awaited: a server that failed may not answer the end of the connection either.
      void client.end().catch(() => undefined)
      throw error
    }
  })
}

function hold(client: pg.Client, lost: AbortController): Leadership {
  let timer: NodeJS.Timeout
  const ping = async (): Promise<void> => {
    try {
      await client.query(mustWrite)
      if (!lost.signal.aborted) timer = setTimeout(() => void ping(), PING_EVERY_MS)
    } catch (error) {
      lost.abort(error)
    }
  }
  timer = setTimeout(() => void ping(), PING_EVERY_MS)
  // A process that lost leadership closes its connection, whatever the reason.
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
