import { execFile } from 'node:child_process'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

/** Deadline of one statement of an operator, in ms. A promotion and the start of a copy may wait for a checkpoint. */
const STATEMENT_TIMEOUT_MS = 60_000
/** Longest time to copy the files of a database, in ms. */
const COPY_TIMEOUT_MS = 60_000
/** What a copy leaves out: state of the running server, and its log, which the replica streams from the start of the copy on. */
const notCopied = /^(postmaster\.(pid|opts)|\.s\.PGSQL\..*|(standby|recovery)\.signal|backup_label.*)$/

/** Sends a statement and returns its rows. */
export type Query = (text: string) => Promise<Record<string, unknown>[]>

/** Runs statements on one connection of its own. */
export async function withConnection<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: STATEMENT_TIMEOUT_MS })
  client.on('error', () => undefined) // the statement rejects with the same error
  await client.connect()
  try {
    return await work(async (text) => (await client.query<Record<string, unknown>>(text)).rows)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * Copies the data folder of a running server, as `pg_basebackup` does, which is not in the package. `query` goes to that server, over one connection. The copy has no
 * log: it starts with the log since the beginning of the copy only.
 */
export async function copyRunning(query: Query, from: string, to: string): Promise<void> {
  await query(`SELECT pg_backup_start('copy', true)`)
  // Files that vanish meanwhile are temporary: `cp` copies the rest and exits with code 1.
  await promisify(execFile)('cp', ['-a', from, to], { timeout: COPY_TIMEOUT_MS }).catch(() => undefined)
  const [{ labelfile } = {}] = await query('SELECT labelfile FROM pg_backup_stop(false)')
  for (const file of await readdir(to)) if (notCopied.test(file)) await rm(join(to, file))
  const log = join(to, 'pg_wal')
  for (const file of await readdir(log)) if (/^[0-9A-F]{24}/.test(file)) await rm(join(log, file))
  await writeFile(join(to, 'backup_label'), String(labelfile))
  await giveToOwner(to, 'backup_label')
}

/** Gives a file in a data folder to the user as whom the server runs. */
export async function giveToOwner(data: string, file: string): Promise<void> {
  await promisify(execFile)('chown', ['--reference', join(data, 'PG_VERSION'), join(data, file)])
}
