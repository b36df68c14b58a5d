import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startWorld } from '../../local/world.ts'
import { ensureKeyPair } from '../../service/keys/keys.ts'
import { migrate } from '../../store/database/migrate.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-secrets-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Environment variables whose value is a secret; of an URL it is the password. */
const SECRET_NAME = /TOKEN|SECRET|PASSWORD|CREDENTIAL/
/** A signed token: session, ticket, line ticket, service token, ID token. */
const SIGNED_TOKEN = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/
/** Shorter values are words, not secrets. */
const SECRET_LENGTH = 12
/** Time in ms in which the players of the run play, and in which its database is away. */
const PLAY_MS = 12_000
const OUTAGE_MS = 15_000

/** The secrets in the environment of all processes that work on this folder. */
async function secretsInUse(state: string): Promise<Set<string>> {
  const secrets = new Set<string>()
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '')
    if (!environment.includes(state)) continue
    for (const line of environment.split('\0')) {
      const [name = '', value = ''] = [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]
      const password = /^\w+:\/\/[^/]*:([^@/]+)@/.exec(value)?.[1]
      if (password !== undefined) secrets.add(decodeURIComponent(password))
      else if (SECRET_NAME.test(name) && value.length >= SECRET_LENGTH) secrets.add(value)
    }
  }
  for (const file of await readdir(join(state, 'keys'))) {
    if (/private/.test(file))
      for (const line of (await readFile(join(state, 'keys', file), 'utf8')).split('\n')) if (/^[\w+/=]{40,}$/.test(line)) secrets.add(line)
  }
  return secrets
}

async function logsIn(state: string): Promise<string> {
  const files = await readdir(state, { recursive: true })
  return (await Promise.all(files.filter((file) => file.endsWith('.log')).map((file) => readFile(join(state, file), 'utf8')))).join('\n')
}

it('X1: no secret in use is in any log of a run with failures, at the most detailed level', { timeout: 180_000 }, async () => {
  const { REDIS_URL, LOG_LEVEL, OPERATOR_TOKEN } = process.env
  delete process.env['REDIS_URL']
  process.env['LOG_LEVEL'] = 'trace'
  process.env['OPERATOR_TOKEN'] = 'operator-token-of-the-secrets-test'
  const log = pino({ level: 'trace' }, pino.destination({ dest: join(folder, 'supervisor.log'), sync: true }))
  try {
    const start = { bots: 0, speed: 1, scale: 1, seed: 1, fresh: true, view: false, state: folder, policies: 'fleets', matchmakerPort: 0, orchestratorPort: 0 }
    await using world = await startWorld(start, () => undefined, log, new AbortController().signal)
    const bots = spawn(process.execPath, ['gameserver/demo/bots/main.ts', '--matchmaker', world.matchmakerUrl, '--bots', '8', '--steady', '--trade'], {
      stdio: 'ignore',
    })
    await pause(PLAY_MS)
    // Requests that fail in all ways with secrets in them, while the database is away.
    const session = (await (
      await fetch(`${world.matchmakerUrl}/v1/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"account":"Logged"}' })
    ).json()) as {
      session: string
    }
    const { pid } = world.services.postgres
    if (pid !== undefined) process.kill(-pid, 'SIGSTOP')
    const tokens = [session.session, `${session.session}x`, 'operator-token-of-the-secrets-test', 'x']
    const asked = tokens.flatMap((token) =>
      ['/v1/characters', '/v1/line', '/v1/holdings', '/v1/audit', '/v1/enter', `/v1/${token}`].map((path) =>
        fetch(world.matchmakerUrl + path, {
          headers: { authorization: `Bearer ${token}`, 'x-line-ticket': token, 'idempotency-key': 'x' },
          signal: AbortSignal.timeout(OUTAGE_MS),
        }).catch(() => undefined),
      ),
    )
    await pause(OUTAGE_MS)
    if (pid !== undefined) process.kill(-pid, 'SIGCONT')
    await Promise.all(asked)
    const server = world.host.servers()[0]?.pid
    if (server !== undefined) process.kill(server, 'SIGKILL')
    await pause(3_000)
    const secrets = await secretsInUse(folder)
    bots.kill('SIGTERM')
    await once(bots, 'exit')
    const logs = await logsIn(folder)
    // The run must have written what could have had secrets in it, and the secrets must have been found.
    expect(logs.length).toBeGreaterThan(3_000)
    expect(logs).toMatch(/does not answer|timeout expired/)
    expect(secrets).toContain('operator-token-of-the-secrets-test')
    expect(secrets.size).toBeGreaterThanOrEqual(5)
    expect([...secrets].filter((secret) => logs.includes(secret))).toEqual([])
    expect(SIGNED_TOKEN.exec(logs)?.[0]).toBeUndefined()
  } finally {
    for (const [name, value] of Object.entries({ REDIS_URL, LOG_LEVEL, OPERATOR_TOKEN })) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
})

it.each([
  ['Redis', { REDIS_URL: (process.env['REDIS_URL'] ?? '').replace('://', '://somebody:password-of-redis-xyz@') }],
  ['PostgreSQL', { DATABASE_URL: 'postgres://somebody:password-of-postgres-xyz@127.0.0.1:1/none' }],
  ['a broken URL', { DATABASE_URL: 'postgres://somebody:password-of-postgres-xyz@:none:/' }],
])('X1: a process that %s refuses prints no password', { timeout: 120_000 }, async (_, env) => {
  for (const name of ['ticket', 'session'] as const) await ensureKeyPair(folder, name)
  await migrate(process.env['DATABASE_URL'] ?? '')
  const child = spawn(process.execPath, ['matchmaker/main.ts'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: process.env['DATABASE_URL'],
      REDIS_URL: process.env['REDIS_URL'],
      STRATA_KEYS: folder,
      PORT: '0',
      LOG_LEVEL: 'trace',
      ...env,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const timer = setTimeout(() => child.kill('SIGKILL'), 90_000)
  await once(child, 'close')
  clearTimeout(timer)
  expect(output).not.toBe('')
  expect(/password-of-\w+-xyz/.exec(output)?.[0]).toBeUndefined()
})
