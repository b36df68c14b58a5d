import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defined } from '../../model/defined.ts'
import { commandOf } from './ownedProcess.ts'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import { supervised } from './supervised.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-services-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

async function redis<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url)
  try {
    return await work(client)
  } finally {
    client.disconnect()
  }
}

const pidIn = async (service: string): Promise<number> => JSON.parse(await readFile(join(folder, service, 'process.json'), 'utf8')).pid

/** Another process that runs the services in this folder. */
async function otherRun(): Promise<{ kill(): Promise<void> }> {
  const modules = ['postgres.ts', 'redis.ts'].map((name) => new URL(name, import.meta.url).href)
  const script = `const { startPostgres } = await import(${JSON.stringify(modules[0])}); const { startRedis } = await import(${JSON.stringify(modules[1])})
    await startPostgres({ folder: ${JSON.stringify(join(folder, 'postgres'))}, volatile: true }); await startRedis({ folder: ${JSON.stringify(join(folder, 'redis'))} })
    process.stdout.write('runs'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return {
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

it('a second start finds the data of the first, and no process remains', { timeout: 30_000 }, async () => {
  const pids: number[] = []
  for (const round of [1, 2]) {
    await using postgres = await startPostgres({ folder: join(folder, 'postgres') })
    await using cache = await startRedis({ folder: join(folder, 'redis') })
    pids.push(await pidIn('postgres'), await pidIn('redis'))
    if (round === 1) await query(postgres.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    else expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([42])
    expect(await redis(cache.url, (client) => client.incr('kept'))).toBe(round)
    expect(await query(postgres.url, 'SHOW fsync')).toEqual(['on'])
    // Both URLs reach the same server; the second one without TCP.
    expect(await query(postgres.socketUrl, 'SELECT inet_server_addr() IS NULL AND answer = 42 FROM kept')).toEqual([true])
    expect(await redis(cache.socketUrl, async (client) => [await client.get('kept'), await client.client('INFO')])).toEqual([
      String(round),
      expect.stringContaining(`laddr=${join(folder, 'redis', 'socket')}`),
    ])
  }
  expect(pids.map((pid) => commandOf(pid))).toEqual([undefined, undefined, undefined, undefined])
})

it('in a folder whose path is too long for a Unix socket, services are reached over TCP', { timeout: 30_000 }, async () => {
  const deep = join(folder, 'a-folder-with-quite-a-long-name', 'in-another-one-with-a-long-name', 'and-then-some-more-of-the-same')
  await using postgres = await startPostgres({ folder: join(deep, 'postgres'), volatile: true })
  await using cache = await startRedis({ folder: join(deep, 'redis') })
  expect([postgres.socketUrl, cache.socketUrl]).toEqual([postgres.url, cache.url])
  expect(await query(postgres.socketUrl, 'SELECT 1')).toEqual([1])
})

it('a folder in use is refused; servers that a killed run left behind are stopped and their data is used', { timeout: 30_000 }, async () => {
  const other = await otherRun()
  try {
    await expect(startPostgres({ folder: join(folder, 'postgres') })).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })
    await expect(startRedis({ folder: join(folder, 'redis') })).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })
  } finally {
    await other.kill()
  }
  const left = [await pidIn('postgres'), await pidIn('redis')]
  expect(left.map((pid) => commandOf(pid) === undefined)).toEqual([false, false])
  await using postgres = await startPostgres({ folder: join(folder, 'postgres'), volatile: true })
  await using cache = await startRedis({ folder: join(folder, 'redis') })
  expect(left.map((pid) => commandOf(pid))).toEqual([undefined, undefined])
  expect(await query(postgres.url, 'SELECT 1')).toEqual([1])
  expect(await redis(cache.url, (client) => client.ping())).toBe('PONG')
})

it('PostgreSQL starts despite a lock file whose pid belongs to no process or to another program', { timeout: 30_000 }, async () => {
  const options = { folder: join(folder, 'postgres'), volatile: true }
  await (await startPostgres(options))[Symbol.asyncDispose]()
  await writeFile(join(folder, 'postgres', 'data', 'postmaster.pid'), `${process.pid}\n${join(folder, 'postgres', 'data')}\n`)
  await writeFile(
    join(folder, 'postgres', 'process.json'),
    JSON.stringify({ pid: process.pid, owner: process.ppid, program: join(folder, 'postgres', 'data') }),
  )
  await using postgres = await startPostgres(options)
  expect(await query(postgres.url, 'SELECT 1')).toEqual([1])
})

it('no second PostgreSQL starts on data in use, even without process.json', { timeout: 30_000 }, async () => {
  const options = { folder: join(folder, 'postgres'), volatile: true }
  await using running = await startPostgres(options)
  await rm(join(folder, 'postgres', 'process.json'))
  await expect(startPostgres(options)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })
  expect(await query(running.url, 'SELECT 1')).toEqual([1])
})

it('X1: a port in use is reported with the option that changes it', async () => {
  const squatter = createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const address = squatter.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    const wanted = { code: 'PORT_IN_USE', message: expect.stringContaining(`Port ${port}`) }
    await expect(startPostgres({ folder: join(folder, 'postgres'), port })).rejects.toMatchObject(wanted)
    await expect(startRedis({ folder: join(folder, 'redis'), port })).rejects.toMatchObject(wanted)
  } finally {
    squatter.close()
  }
})

it('X1: a failed start reports the last lines of the log', async () => {
  await writeFile(join(folder, 'appendonlydir'), 'a file where a folder has to be')
  await expect(startRedis({ folder })).rejects.toMatchObject({
    code: 'SERVICE_NOT_STARTED',
    message: expect.stringMatching(/Redis did not start: it ended with .*append/i),
  })
})

it('a Redis given by URL is used and not stopped', async () => {
  await using own = await startRedis({ folder: join(folder, 'redis'), volatile: true })
  const given = await startRedis({ folder: join(folder, 'other'), url: own.url })
  expect(given.url).toBe(own.url)
  await given[Symbol.asyncDispose]()
  expect(await redis(own.url, (client) => client.ping())).toBe('PONG')
  expect(existsSync(join(folder, 'other'))).toBe(false)
  await expect(startRedis({ folder, url: 'redis://127.0.0.1:1' })).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
})

it.runIf(process.getuid?.() === 0 && existsSync('/etc/debian_version'))(
  'without redis-server, root on Debian installs it with apt after an update',
  async () => {
    const server = (process.env['PATH'] ?? '')
      .split(':')
      .map((place) => join(place, 'redis-server'))
      .find(existsSync)
    const install = `[ "$1" = update ] && touch ${folder}/updated; [ "$1" = install ] && [ -e ${folder}/updated ] && /bin/ln -s ${server} ${folder}/redis-server; exit 0`
    await writeFile(join(folder, 'apt-get'), `#!/bin/sh\nPATH=/usr/bin:/bin; ${install}\n`, { mode: 0o755 })
    vi.stubEnv('PATH', folder)
    const notices: string[] = []
    await using cache = await startRedis({ folder: join(folder, 'redis'), volatile: true, notice: (line) => notices.push(line) })
    expect(await redis(cache.url, (client) => client.ping())).toBe('PONG')
    expect(notices).toEqual([expect.stringContaining('apt-get')])
  },
)

it.each([
  ['PostgreSQL', (port?: number) => startPostgres({ folder: join(folder, 'pg'), ...defined({ port }) })],
  ['Redis', (port?: number) => startRedis({ folder: join(folder, 'redis'), ...defined({ port }) })],
] as const)('D1: a %s that is killed is restarted at the same address with its data', { timeout: 60_000 }, async (what, start) => {
  await using service = await supervised(what, start, pino({ level: 'silent' }))
  const { url, pid } = service
  const store = (): Promise<unknown> =>
    what === 'Redis' ? redis(url, (client) => client.set('known', 'yes')) : query(url, "CREATE TABLE known AS SELECT 'yes' AS answer")
  const read = (): Promise<unknown> =>
    what === 'Redis' ? redis(url, (client) => client.get('known')) : query(url, 'SELECT answer FROM known').then(([answer]) => answer)
  await store()
  if (what === 'Redis') await pause(1_200) // Redis writes to disk once a second
  if (pid === undefined) throw new Error('the service has no process')
  process.kill(pid, 'SIGKILL')
  await vi.waitFor(() => expect(service.pid).toSatisfy((now: number | undefined) => now !== undefined && now !== pid), { timeout: 20_000 })
  expect(await read()).toBe('yes')
})
