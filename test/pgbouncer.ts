import { existsSync } from 'node:fs'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import pg from 'pg'
import { startOwned } from '../local/services/ownedProcess.ts'
import { choosePort } from '../local/services/ports.ts'

/** User and group id of `nobody`: PgBouncer refuses to run as root. */
const UNPRIVILEGED_ID = 65_534

/** Path of PgBouncer: the environment's PGBOUNCER, else the one that is installed. Debian puts it where only root looks. Undefined: there is none. */
export function findPgBouncer(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return [process.env['PGBOUNCER'], ...folders.map((folder) => join(folder, 'pgbouncer'))].find((file) => file !== undefined && existsSync(file))
}

/** Why a test or a bench that needs PgBouncer does not run. */
export const withoutPgBouncer = 'PgBouncer is not installed: apt-get install pgbouncer, or set PGBOUNCER to its path'

export interface PgBouncerOptions {
  command: string
  /** URLs of all logins that connect, on one database. */
  urls: readonly string[]
  /** Connections to PostgreSQL for each login. */
  poolSize: number
}

/** Starts a PgBouncer in transaction mode in front of the database. `through` is an address of the same login through it. */
export async function startPgBouncer({ command, urls, poolSize }: PgBouncerOptions): Promise<AsyncDisposable & { through(url: string): string }> {
  await using starting = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'strata-pgbouncer-'))
  starting.defer(() => rm(folder, { recursive: true, force: true }))
  const port = await choosePort(undefined, 'PGBOUNCER')
  const { hostname, port: databasePort } = new URL(urls[0] ?? '')
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: join(folder, 'users'),
    pool_mode: 'transaction',
    default_pool_size: poolSize,
    max_client_conn: 1_000,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  const [ini, users] = [join(folder, 'pgbouncer.ini'), settings.auth_file]
  const passwords = new Map(urls.map((url) => [decodeURIComponent(new URL(url).username), decodeURIComponent(new URL(url).password)]))
  await writeFile(ini, ['[databases]', `* = host=${hostname} port=${databasePort}`, '[pgbouncer]', ...lines, ''].join('\n'))
  await writeFile(users, [...passwords].map(([user, password]) => `"${user}" "${password}"\n`).join(''))
  const root = process.getuid?.() === 0
  if (root) for (const path of [folder, ini, users]) await chown(path, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
  const through = (url: string): string => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href
  starting.use(
    await startOwned({
      what: 'PgBouncer',
      folder,
      command,
      args: [ini],
      program: ini,
      ...(root ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {}),
      stopSignal: 'SIGINT',
      ready: () => answers(through(urls[0] ?? '')),
    }),
  )
  const running = starting.move()
  return { through, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

async function answers(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT 1')
  } finally {
    await client.end().catch(() => undefined)
  }
}
