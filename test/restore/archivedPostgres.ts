import { execFile } from 'node:child_process'
import { appendFile, copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type RunningService, startPostgres } from '../../local/services/postgres.ts'
import type { SupervisedService } from '../../local/services/supervised.ts'
import { copyRunning, giveToOwner, withConnection } from '../chaos/copyRunning.ts'
import { until } from '../cluster/world/until.ts'
import { startTcpProxy, type TcpProxy } from '../tcpProxy.ts'

/** A segment of the log is archived after this time at the latest, in seconds: what a lost disk costs. */
export const ARCHIVE_EVERY_S = 5
/** Longest time for a restored server to become writable, in ms. */
const WRITABLE_MS = 60_000

/** A PostgreSQL behind one address that archives its log, is backed up while it runs, loses its disk, and is restored to a moment. */
export class ArchivedPostgres implements AsyncDisposable {
  readonly #folder: string
  readonly #archive: string
  readonly #proxy: TcpProxy
  #server: RunningService
  #restores = 0
  #data: string

  private constructor(made: { folder: string; archive: string; proxy: TcpProxy; server: RunningService; data: string }) {
    this.#folder = made.folder
    this.#archive = made.archive
    this.#proxy = made.proxy
    this.#server = made.server
    this.#data = made.data
  }

  static async start(folder: string): Promise<ArchivedPostgres> {
    await using stack = new AsyncDisposableStack()
    const data = join(folder, 'first')
    const archive = join(folder, 'archive')
    await mkdir(archive, { recursive: true })
    const first = await startPostgres({ folder: data })
    await promisify(execFile)('chown', ['--reference', join(data, 'data', 'PG_VERSION'), archive])
    await withConnection(first.url, async (query) => {
      await query(`ALTER SYSTEM SET archive_mode = on`)
      await query(`ALTER SYSTEM SET archive_timeout = '${ARCHIVE_EVERY_S}s'`)
      await query(`ALTER SYSTEM SET archive_command = 'test ! -f "${archive}/%f" && cp "%p" "${archive}/%f"'`)
    })
    await first[Symbol.asyncDispose]()
    const server = stack.use(await startPostgres({ folder: data }))
    const proxy = stack.use(await startTcpProxy(server.url))
    stack.move()
    return new ArchivedPostgres({ folder, archive, proxy, server, data })
  }

  get url(): string {
    return this.#proxy.url
  }

  /** For a world, which does not stop it. */
  asService(): SupervisedService {
    return { url: this.url, socketUrl: this.url, pid: undefined, [Symbol.asyncDispose]: async () => {} }
  }

  /** Copies the running server. Returns the folder of the backup. */
  async backup(): Promise<string> {
    const to = join(this.#folder, 'backup')
    await mkdir(to)
    await withConnection(this.#server.url, (query) => copyRunning(query, join(this.#data, 'data'), join(to, 'data')))
    await copyFile(join(this.#data, 'password'), join(to, 'password'))
    return to
  }

  /** From now on nothing is archived: the target of the archive does not answer. */
  async stopArchiving(): Promise<void> {
    await withConnection(this.#server.url, async (query) => {
      await query(`ALTER SYSTEM SET archive_command = 'false'`)
      await query('SELECT pg_reload_conf()')
    })
  }

  /** Ends the server at once and deletes its files, as when a machine is lost. */
  async loseDisk(): Promise<void> {
    this.#proxy.cut()
    const pid = this.#server.process?.pid
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    await this.#server.process?.ended
    await rm(this.#data, { recursive: true, force: true })
  }

  /** Archives the whole log and stops the server. */
  async stop(): Promise<void> {
    await withConnection(this.#server.url, async (query) => {
      const [{ last } = {}] = await query('SELECT pg_walfile_name(pg_switch_wal()) AS last')
      await until('the log is archived', async () => (await readdir(this.#archive)).includes(String(last)), WRITABLE_MS)
    })
    this.#proxy.cut()
    await this.#server[Symbol.asyncDispose]()
  }

  /** Starts a server on the backup and the archived log, up to `target` (a time of PostgreSQL) or to the end of the archive. Returns the seconds until it takes writes. */
  async restore(backup: string, target?: string): Promise<number> {
    const began = performance.now()
    const folder = join(this.#folder, `restored-${++this.#restores}`)
    await mkdir(folder)
    await promisify(execFile)('cp', ['-a', join(backup, 'data'), folder])
    await copyFile(join(backup, 'password'), join(folder, 'password'))
    const data = join(folder, 'data')
    const recoverTo = target === undefined ? '' : `recovery_target_time = '${target}'\nrecovery_target_action = 'promote'\n`
    await appendFile(join(data, 'postgresql.auto.conf'), `\nrestore_command = 'cp "${this.#archive}/%f" "%p"'\n${recoverTo}`)
    await writeFile(join(data, 'recovery.signal'), '')
    await giveToOwner(data, 'recovery.signal')
    this.#server = await startPostgres({ folder })
    this.#data = folder
    await until(
      'the restored server takes writes',
      () => withConnection(this.#server.url, async (query) => (await query('SELECT pg_is_in_recovery() AS recovering'))[0]?.['recovering'] === false),
      WRITABLE_MS,
      50,
    )
    this.#proxy.leadTo(this.#server.url)
    this.#proxy.restore()
    return (performance.now() - began) / 1_000
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy[Symbol.asyncDispose]()
    await this.#server[Symbol.asyncDispose]()
  }
}
