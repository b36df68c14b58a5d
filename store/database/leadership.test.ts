import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, it, vi } from 'vitest'
import { storeOfFile } from '../../test/storeOfFile.ts'
import { tryLead } from './leadership.ts'

const fresh = await storeOfFile()

/** Starts a process that leads until the test stops it. */
async function leaderProcess(name: string, silenceMs: number): Promise<ChildProcess> {
  const module = new URL('leadership.ts', import.meta.url).href
  const script = `const { tryLead } = await import(${JSON.stringify(module)})
    const leads = await tryLead(${JSON.stringify(fresh.url)}, ${JSON.stringify(name)}, ${silenceMs})
    process.stdout.write(leads ? 'leads' : 'follows')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output] = await once(child.stdout, 'data')
  expect(String(output)).toBe('leads')
  return child
}

it('D3: a second process leads only after the first has ended', async () => {
  const { store } = fresh
  const first = await store.tryLead('planner')
  expect(first?.lost.aborted).toBe(false)
  expect(await store.tryLead('planner')).toBeUndefined()
  const other = await store.tryLead('another duty')
  expect(other).toBeDefined()
  await other?.[Symbol.asyncDispose]()
  await first?.[Symbol.asyncDispose]()
  await using second = await store.tryLead('planner')
  expect(second?.lost.aborted).toBe(false)
})

it('D3: a broken connection aborts `lost`, and another process can lead', async () => {
  const { store } = fresh
  const first = await store.tryLead('broken')
  const admin = new pg.Client({ connectionString: fresh.url })
  await admin.connect()
  await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'strata leader broken'`)
  await admin.end()
  await vi.waitUntil(() => first?.lost.aborted, 20_000)
  await using second = await vi.waitUntil(() => store.tryLead('broken'), 20_000)
  expect(second.lost.aborted).toBe(false)
})

it('D3: a killed leader is replaced', async () => {
  const leader = await leaderProcess('killed', 60_000)
  expect(await fresh.store.tryLead('killed')).toBeUndefined()
  leader.kill('SIGKILL')
  await using second = await vi.waitUntil(() => fresh.store.tryLead('killed'), { timeout: 20_000 })
  expect(second.lost.aborted).toBe(false)
})

it('D3: a leader that hangs is replaced', async () => {
  const leader = await leaderProcess('hanging', 1_500)
  try {
    // Pings keep the leadership for longer than the allowed silence. The clock is that of the database server, so time cannot be virtual.
    await sleep(2_000)
    expect(await tryLead(fresh.url, 'hanging')).toBeUndefined()
    leader.kill('SIGSTOP')
    // Without pings another process leads, although the connection is still open.
    await using second = await vi.waitUntil(() => tryLead(fresh.url, 'hanging'), { timeout: 10_000 })
    expect(second.lost.aborted).toBe(false)
  } finally {
    leader.kill('SIGKILL')
  }
})
