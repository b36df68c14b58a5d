import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../../service/log.ts'
import { startTcpProxy } from '../tcpProxy.ts'
import { type FailoverPair, failoverPair, until } from './failoverPair.ts'
import { PostgresMember } from './postgresMember.ts'

/** Longest time for one step of a failover, in ms: until the replica streams, until the last writing transaction ends, and until the replica has the whole log. */
const STEP_TIMEOUT_MS = 30_000
/** How long the demoted primary goes on serving reads to clients that stay connected to it, in ms. It is longer than the time that a client may take to notice. */
const DEMOTED_FOR_MS = 15_000
/** Pause before a copy that failed is made again, in ms: the primary may have been killed meanwhile. */
const COPY_AGAIN_MS = 2_000

/**
 * Starts two PostgreSQL servers, a primary and its streaming replica. A failover loses no commit, because the economy is audited afterwards: the primary refuses
 * writes first, and the replica is promoted when it has the whole log. The old primary stays up, read-only, with all its connections. Later it becomes a
 * replica by a new copy, because the package has no pg_rewind.
 */
export async function startPostgresPair(folder: string, log: Logger, demotedForMs = DEMOTED_FOR_MS): Promise<FailoverPair> {
  await using stack = new AsyncDisposableStack()
  const stopping = new AbortController()
  const first = stack.use(new PostgresMember(join(folder, 'first'), log))
  const second = stack.use(new PostgresMember(join(folder, 'second'), log))
  await first.start()
  await first.run(async (query) => {
    await query(`ALTER SYSTEM SET wal_keep_size = '512MB'`)
    await query('SELECT pg_reload_conf()')
  })
  await second.copyFrom(first)
  const proxy = stack.use(await startTcpProxy(first.url))
  let copied: Promise<void> = Promise.resolve()
  const running = stack.move()

  async function copyLater(demoted: PostgresMember, primary: PostgresMember): Promise<void> {
    await sleep(demotedForMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    while (!stopping.signal.aborted) {
      try {
        return await demoted.copyFrom(primary)
      } catch (error) {
        log.warn({ err: error }, 'could not copy the primary; trying again')
        await sleep(COPY_AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  return failoverPair({
    members: [first, second],
    proxy,
    async swapRoles(primary, replica) {
      await copied
      await until('streaming to the replica', STEP_TIMEOUT_MS, async () => {
        const streams = await primary.run((query) => query(`SELECT FROM pg_stat_replication WHERE state = 'streaming'`))
        return streams.length > 0
      })
      await demote(primary)
      const [{ end } = {}] = await primary.run((query) => query('SELECT pg_current_wal_flush_lsn() AS end'))
      await replica.run(async (query) => {
        await until('the end of the log at the replica', STEP_TIMEOUT_MS, async () => {
          const [{ complete } = {}] = await query(`SELECT pg_last_wal_replay_lsn() >= '${String(end)}' AS complete`)
          return complete === true
        })
        await query('SELECT pg_promote(true, 30)')
      })
      copied = copyLater(primary, replica)
    },
    async stop() {
      stopping.abort()
      await copied
      await running.disposeAsync()
    },
  })
}

/** Makes every new transaction of all connections read-only, and waits until those that may still write have ended. */
async function demote(primary: PostgresMember): Promise<void> {
  await primary.run(async (query) => {
    await query('ALTER SYSTEM SET default_transaction_read_only = on')
    await query('SELECT pg_reload_conf()')
    await sleep(200) // until all backends know it
    const [{ now } = {}] = await query('SELECT clock_timestamp()::text AS now')
    await until('the end of the last writing transaction', STEP_TIMEOUT_MS, async () => {
      const writing = await query(
        `SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND xact_start < '${String(now)}' AND pid <> pg_backend_pid()`,
      )
      return writing.length === 0
    })
  })
}
