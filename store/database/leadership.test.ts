import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { freshStore } from '../../test/freshStore.ts'
import { tryLead } from './leadership.ts'

let fresh: Awaited<ReturnType<typeof freshStore>>
beforeAll(async () => {
  fresh = await freshStore()
})
afterAll(() => fresh[Symbol.asyncDispose]())

/** A process of its own that leads, until something happens to it. */
async function leaderProcess(name: string, silenceMs: number): Promise<ChildProcess> {
  const module = new URL('leadership.ts', import.meta.url).href
  const script = `const { tryLead } = await import(${JSON.stringify(module)})
    const leads = await tryLead(${JSON.stringify(fresh.url)}, ${JSON.stringify(name)}, ${silenceMs})
    process.stdout.write(leads ? 'leads' : 'follows')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('leads')
  return child
}

it('D3: a second one leads only when the first has ended', async () => {
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

it('D3: a leader whose connection breaks is told, and another leads', async () => {
  const { store } = fresh
  const first = await store.tryLead('broken')
  const admin = new pg.Client({ connectionString: fresh.url })
  await admin.connect()
  await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'strata leader broken'`)
  await admin.end()
  await vi.waitUntil(() => first?.lost.aborted)
  await using second = await vi.waitUntil(() => store.tryLead('broken'))
  expect(second.lost.aborted).toBe(false)
})

it('D3: a killed leader is replaced', async () => {
  const leader = await leaderProcess('killed', 60_000)
  expect(await fresh.store.tryLead('killed')).toBeUndefined()
  leader.kill('SIGKILL')
  await using second = await vi.waitUntil(() => fresh.store.tryLead('killed'), { timeout: 5_000 })
  expect(second.lost.aborted).toBe(false)
})

it('D3: a leader that hangs is replaced', async () => {
  const leader = await leaderProcess('hanging', 1_500)
  try {
    // Its pings keep it leading for longer than it may be silent (the server's clock: no virtual time) …
    await sleep(2_000)
    expect(await tryLead(fresh.url, 'hanging')).toBeUndefined()
    leader.kill('SIGSTOP')
    // … and silence ends that, although its connection is as open as ever.
    await using second = await vi.waitUntil(() => tryLead(fresh.url, 'hanging'), { timeout: 10_000 })
    expect(second.lost.aborted).toBe(false)
  } finally {
    leader.kill('SIGKILL')
  }
})
