import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { RedisDirectory } from '../../../directory/redis/redisDirectory.ts'
import { startRedis } from '../../../local/services/redis.ts'
import { defined } from '../../../model/defined.ts'
import type { EnterResponse } from '../../../model/wire/matchmaker.ts'
import { ensureKeyPair } from '../../../service/keys/keys.ts'
import { migrate } from '../../../store/database/migrate.ts'
import { freshDatabase } from '../../freshDatabase.ts'
import { takeAndFreeSeat } from '../../takeAndFreeSeat.ts'

const policy = `
apiVersion: strata.dev/v1alpha1
kind: MapPolicy
metadata: { name: forest }
spec:
  fleet: overworld
  capacity: { soft: 1, hard: 1, company: 0 }
`

type Process = ChildProcessByStdio<null, Readable, null>

/** Starts the real process; resolves with its URL when it listens. */
async function startMatchmaker(env: Record<string, string>): Promise<{ process: Process; url: string }> {
  const child = spawn(process.execPath, ['matchmaker/main.ts'], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) {
    const { msg, addresses } = JSON.parse(line) as { msg: string; addresses?: { port: number }[] }
    if (msg !== 'listening') continue
    child.stdout.resume() // an unread pipe would block the process when full
    return { process: child, url: `http://127.0.0.1:${addresses?.[0]?.port}` }
  }
  throw new Error('the matchmaker ended before it listened')
}

interface Question {
  session?: string
  body?: object
  headers?: Record<string, string>
}

async function ask<T>(url: string, path: string, { session, body, headers = {} }: Question = {}): Promise<T> {
  const answer = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...headers,
      ...defined({ 'content-type': body && 'application/json', authorization: session && `Bearer ${session}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(12_000),
  })
  return (await answer.json()) as T
}

it('Q2: a line survives the kill of its matchmaker, and a long poll at another one is answered when the seat is held', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'strata-matchmaker-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'forest.yaml'), policy)
  for (const key of ['ticket', 'session'] as const) await ensureKeyPair(join(folder, 'keys'), key)
  const redis = stack.use(await startRedis({ folder: join(folder, 'redis'), volatile: true, notice: () => undefined }))
  const database = stack.use(await freshDatabase())
  await migrate(database.url)
  const directory = stack.use(await RedisDirectory.connect(redis.url, { prefix: 'world-2:' }))
  const report = () =>
    directory.reportServer({
      id: 's1',
      fleet: 'overworld',
      address: 'ws://127.0.0.1:1',
      rooms: 4,
      protocol: { min: 1, max: 1 },
      draining: false,
      beat: Date.now(),
    })
  const beats = setInterval(() => void report().catch(() => undefined), 1_000)
  stack.defer(() => clearInterval(beats))
  await report()
  const now = Date.now()
  await directory.addCopy({ id: 'forest-1', map: 'forest', server: 's1', created: now, since: now, state: 'open', address: 'ws://127.0.0.1:1' })
  const env = {
    PORT: '0',
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    REDIS_PREFIX: 'world-2:',
    STRATA_KEYS: join(folder, 'keys'),
    STRATA_POLICIES: folder,
    WEBHOOK_URL: 'http://127.0.0.1:9/',
    WEBHOOK_SECRETS: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    PLACEMENT_CODE: 'docs/how-to/extend/placement.ts',
    DEV_LOGIN: 'true',
    LOG_LEVEL: 'info',
  }

  const first = await startMatchmaker(env)
  const people = await Promise.all(
    ['Process Ada', 'Process Bob'].map(async (name) => {
      const { session } = await ask<{ session: string }>(first.url, '/v1/login', { body: { account: name } })
      const { character } = await ask<{ character: string }>(first.url, '/v1/characters', { session, body: { name } })
      return { session, character }
    }),
  )
  const [ada, bob] = people
  if (ada === undefined || bob === undefined) throw new Error('nobody')
  expect(await ask(first.url, '/v1/enter', { session: ada.session, body: { map: 'forest' } })).toMatchObject({ seat: { copy: 'forest-1' } })
  const waiting = await ask<EnterResponse>(first.url, '/v1/enter', { session: bob.session, body: { map: 'forest' } })
  if (!('line' in waiting)) throw new Error(`not in line: ${JSON.stringify(waiting)}`)
  first.process.kill('SIGKILL')

  const second = await startMatchmaker(env)
  stack.defer(() => void second.process.kill('SIGKILL'))
  const answer = ask(second.url, '/v1/line', { session: bob.session, headers: { 'x-line-ticket': waiting.line.ticket } })
  await takeAndFreeSeat(directory, 'forest', 'forest-1', ada.character)
  expect(await answer).toMatchObject({ seat: { copy: 'forest-1' } })
  expect(await ask(second.url, '/readyz')).toEqual({ ready: true })
  const metrics = await (await fetch(`${second.url}/metrics`)).text()
  expect(metrics).toContain('strata_promotions_total{map="forest",service="matchmaker"} 1')
  expect(metrics).toContain('strata_webhooks_pending{service="matchmaker"} 0')
  expect(metrics).toContain('strata_placement_code_failures_total{function="mentors",service="matchmaker"} 0')

  second.process.kill('SIGTERM')
  expect(await once(second.process, 'exit')).toEqual([0, null])
}, 40_000)
