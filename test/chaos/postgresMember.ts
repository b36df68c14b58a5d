import { appendFile, copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startPostgres } from '../../local/services/postgres.ts'
import { type SupervisedService, supervised } from '../../local/services/supervised.ts'
import { defined } from '../../model/defined.ts'
import type { Logger } from '../../service/log.ts'
import { copyRunning, giveToOwner, type Query, withConnection } from './copyRunning.ts'
import type { PairMember } from './failoverPair.ts'

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

  /** Stops this server, copies the files of the running primary, and starts again as its streaming replica. */
  async copyFrom(primary: PostgresMember): Promise<void> {
    await this[Symbol.asyncDispose]()
    await rm(this.folder, { recursive: true, force: true })
    await mkdir(this.folder, { recursive: true })
    const [from, to] = [join(primary.folder, 'data'), join(this.folder, 'data')]
    await primary.run(async (query) => {
      await copyRunning(query, from, to)
      const { hostname, port, username, password } = new URL(primary.url)
      const connection = `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}`
      await writeFile(join(to, 'standby.signal'), '')
      await appendFile(join(to, 'postgresql.auto.conf'), `\nprimary_conninfo = '${connection}'\ndefault_transaction_read_only = off\n`)
      await giveToOwner(to, 'standby.signal')
    })
    await copyFile(join(primary.folder, 'password'), join(this.folder, 'password'))
    await this.start()
  }

  /** Runs statements on one connection of its own. */
  async run<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return withConnection(this.url, work)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const service = this.#service
    this.#service = undefined
    await service?.[Symbol.asyncDispose]()
  }
}
