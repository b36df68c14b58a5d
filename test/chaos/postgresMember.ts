import { execFile } from 'node:child_process'
import { appendFile, copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { startPostgres } from '../../local/services/postgres.ts'
import { type SupervisedService, supervised } from '../../local/services/supervised.ts'
import { defined } from '../../model/defined.ts'
import type { Logger } from '../../service/log.ts'
import type { PairMember } from './failoverPair.ts'

/** Deadline of one statement of an operator, in ms. A promotion and the start of a copy may wait for a checkpoint. */
const STATEMENT_TIMEOUT_MS = 60_000
/** Longest time to copy the files of a database, in ms. */
const COPY_TIMEOUT_MS = 60_000
/** What a copy leaves out: state of the running server, and its log, which the replica streams from the start of the copy on. */
const notCopied = /^(postmaster\.(pid|opts)|\.s\.PGSQL\..*|standby\.signal|backup_label.*)$/

/** One PostgreSQL server of a pair, restarted when it dies. */
export class PostgresMember implements PairMember, AsyncDisposable {
  readonly folder: string
  readonly #log: Logger
  #service: SupervisedService | undefined
  #port: number | undefined

  constructor(folder: string, log: Logger) {
    this.folder = folder
    this.#log = log
  }

  async start(): Promise<void> {
    const start = (port = this.#port) => startPostgres({ folder: this.folder, ...defined({ port }) })
    this.#service = await supervised('PostgreSQL', start, this.#log)
    this.#port = Number(new URL(this.url).port)
  }

  /** Throws while the server is stopped for a copy. */
  get url(): string {
    if (this.#service === undefined) throw new Error(`the PostgreSQL in ${this.folder} is not running`)
    return this.#service.url
  }

  get pid(): number | undefined {
    return this.#service?.pid
  }

  /** Stops this server, copies the files of the running primary, and starts again as its streaming replica. `pg_basebackup`, which does the same, is not in the package. */
  async copyFrom(primary: PostgresMember): Promise<void> {
    await this[Symbol.asyncDispose]()
    await rm(this.folder, { recursive: true, force: true })
    await mkdir(this.folder, { recursive: true })
    const [from, to] = [join(primary.folder, 'data'), join(this.folder, 'data')]
    await primary.run(async (query) => {
      await query(`SELECT pg_backup_start('copy for a replica', true)`)
      // Files that vanish meanwhile are temporary: `cp` copies the rest and exits with code 1.
      await promisify(execFile)('cp', ['-a', from, to], { timeout: COPY_TIMEOUT_MS }).catch(() => undefined)
      const [{ labelfile } = {}] = await query('SELECT labelfile FROM pg_backup_stop(false)')
      for (const file of await readdir(to)) if (notCopied.test(file)) await rm(join(to, file))
      const log = join(to, 'pg_wal')
      for (const file of await readdir(log)) if (/^[0-9A-F]{24}/.test(file)) await rm(join(log, file))
      const { hostname, port, username, password } = new URL(primary.url)
      const connection = `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}`
      await writeFile(join(to, 'backup_label'), String(labelfile))
      await writeFile(join(to, 'standby.signal'), '')
      await appendFile(join(to, 'postgresql.auto.conf'), `\nprimary_conninfo = '${connection}'\ndefault_transaction_read_only = off\n`)
      await promisify(execFile)('chown', ['--reference', join(to, 'PG_VERSION'), join(to, 'backup_label'), join(to, 'standby.signal')])
    })
    await copyFile(join(primary.folder, 'password'), join(this.folder, 'password'))
    await this.start()
  }

  /** Runs statements on one connection of its own. */
  async run<T>(work: (query: (text: string) => Promise<Record<string, unknown>[]>) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: 5_000, query_timeout: STATEMENT_TIMEOUT_MS })
    client.on('error', () => undefined) // the statement rejects with the same error
    await client.connect()
    try {
      return await work(async (text) => (await client.query<Record<string, unknown>>(text)).rows)
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const service = this.#service
    this.#service = undefined
    await service?.[Symbol.asyncDispose]()
  }
}
