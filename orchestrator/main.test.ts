import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { RedisDirectory } from '../directory/redis/redisDirectory.ts'
import { fixtureHost } from '../local/agones/fixture/host.ts'
import { statusResponse } from '../model/wire/admin.ts'
import { ensureKeyPair } from '../service/keys/keys.ts'
import { migrate } from '../store/database/migrate.ts'
import { freshDatabase } from '../test/freshDatabase.ts'
import { serversWork } from './reconcile/testing/serversWork.ts'
import { until } from './testing/until.ts'

const policy = `apiVersion: strata.dev/v1alpha1
kind: MapPolicy
metadata: { name: forest }
spec: { fleet: overworld, capacity: { soft: 8, hard: 10, company: 2 }, copies: { min: 2, warm: 0 } }
`

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

function environment(more: Record<string, string>): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'info', HOST: '127.0.0.1', PORT: '0', ...more }
}

/** Starts a process of the orchestrator. */
async function start(env: Record<string, string>): Promise<{ process: ChildProcess; leading(): Promise<boolean> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await until(() => output.includes('"serving"'))
  const url = /"url":"([^"]+)"/.exec(output)?.[1] ?? ''
  return { process: child, leading: async () => statusResponse.parse(await (await fetch(`${url}/v1/status`)).json()).leader }
}

it('D3: after the leader is killed, another process leads within 15 s, and the open copies are unchanged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-orchestrator-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'forest.yaml'), policy)
  await ensureKeyPair(folder, 'ticket')
  const database = stack.use(await freshDatabase())
  await migrate(database.url)
  const [redis, prefix] = [process.env['REDIS_URL'] ?? '', `test:${randomUUID()}:`]
  const { host, fleets } = stack.use(await fixtureHost(2))
  const directory = stack.use(await RedisDirectory.connect(redis, { prefix }))
  // The servers of the fixture do not know copies: the test reports and opens copies for them.
  let working = true
  const servers = (async () => {
    for (; working; await sleep(100)) await serversWork(directory, await fleets.list(AbortSignal.timeout(1_000)), Date.now())
  })()
  stack.defer(async () => {
    working = false
    await servers
  })

  const env = environment({
    DATABASE_URL: database.url,
    REDIS_URL: redis,
    REDIS_PREFIX: prefix,
    STRATA_KEYS: folder,
    STRATA_POLICIES: folder,
    STRATA_FLEETS_URL: host.url,
    STRATA_FLEETS_TOKEN: host.token,
  })
  const one = await start(env)
  await until(one.leading)
  const two = await start(env)
  const copies = async () => (await directory.snapshot('forest')).copies
  await until(async () => (await copies()).filter(({ state }) => state === 'open').length === 2)
  const before = await copies()

  one.process.kill('SIGKILL')
  const killed = Date.now()
  await until(two.leading, 15_000)
  expect(Date.now() - killed).toBeLessThan(15_000)
  await sleep(1_500)
  expect(await copies()).toEqual(before)
  expect(
    host
      .servers()
      .filter(({ state }) => state === 'Allocated')
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...new Set(before.map(({ server }) => server))].sort())

  two.process.kill('SIGTERM')
  expect(await once(two.process, 'exit')).toEqual([0, null])
})

it('X1: missing and invalid settings end the process with an error that names each of them', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { env: environment({ PORT: 'many' }), stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  expect(await once(child, 'exit')).toEqual([2, null])
  for (const name of ['PORT', 'DATABASE_URL', 'REDIS_URL', 'STRATA_KEYS', 'STRATA_FLEETS_URL', 'STRATA_FLEETS_TOKEN'])
    expect(errors).toContain(`setting ${name}:`)
})
