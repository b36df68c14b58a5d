import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from 'jose'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CensusReplica } from '../directory/censusReplica.ts'
import { MemoryDirectory } from '../directory/memory.ts'
import { openedCopy } from '../model/copy.ts'
import { type StatusResponse, statusResponse } from '../model/wire/admin.ts'
import { createLogger } from '../service/log.ts'
import { MemoryFleets } from '../test/contract/memoryFleets.ts'
import { freshStore } from '../test/freshStore.ts'
import { plan } from './plan/plan.ts'
import { policy } from './reconcile/testing/world.ts'
import { startOrchestrator } from './start.ts'

const clock = { now: Date.now }
let database: Awaited<ReturnType<typeof freshStore>>
let stack: AsyncDisposableStack
let directory: MemoryDirectory
let fleets: MemoryFleets

beforeAll(async () => {
  database = await freshStore()
})
afterAll(() => database[Symbol.asyncDispose]())

beforeEach(() => {
  stack = new AsyncDisposableStack()
  directory = new MemoryDirectory()
  fleets = new MemoryFleets({ overworld: { replicas: 2, rooms: 4 } })
  const servers = setInterval(() => void serversWork(), 50)
  stack.defer(() => clearInterval(servers))
})
afterEach(() => stack.disposeAsync())

/** Game servers, played by the test: they report, open what is theirs, and end what is closing and empty. */
async function serversWork(): Promise<void> {
  for (const { id, fleet, address = '', rooms = 1 } of fleets.servers.values()) {
    await directory.reportServer({ id, fleet, address, rooms, protocol: { min: 1, max: 1 }, draining: false, beat: clock.now() })
  }
  for (const map of await directory.maps()) {
    for (const copy of (await directory.snapshot(map)).copies) {
      const address = fleets.servers.get(copy.server)?.address
      if (copy.state === 'opening' && address !== undefined) await directory.changeCopy(openedCopy(copy, address, clock.now()), 'opening')
      if (copy.state === 'closing') await directory.removeCopy(map, copy.id)
    }
  }
}

async function orchestrator(adminToken?: string): Promise<Awaited<ReturnType<typeof startOrchestrator>>> {
  const { privateKey } = await generateKeyPair('EdDSA')
  const replica = stack.use(await CensusReplica.follow(directory, clock))
  let ids = 0
  const started = await startOrchestrator({
    directory,
    store: database.store,
    fleets,
    replica,
    policies: () => new Map([['forest', policy('forest', { copies: { min: 2, warm: 0 } })]]),
    policyErrors: () => new Map([['hills', 'fleets/hills.yaml:3:7 spec.capacity.soft: too small']]),
    plan,
    ticketKey: privateKey,
    newId: () => `${process.pid}-${clock.now()}-${++ids}`,
    clock,
    log: createLogger('test', 'silent'),
    host: '127.0.0.1',
    port: 0,
    adminToken,
  })
  return stack.use(started)
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${condition}`)
    await sleep(20)
  }
}
const openCopies = async () => (await directory.snapshot('forest')).copies.filter(({ state }) => state === 'open').length

async function ask(url: string, path: string, body?: unknown, token?: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
}

describe('two orchestrators', () => {
  it('D3: one leads and works; when it stops, the other takes over within seconds and nothing is done twice', async () => {
    const one = await orchestrator()
    await until(() => one.leading())
    const two = await orchestrator()
    await until(async () => (await openCopies()) === 2)
    expect(two.leading()).toBe(false)
    const before = (await directory.snapshot('forest')).copies
    const stopping = Date.now()
    await one[Symbol.asyncDispose]()
    await until(() => two.leading())
    expect(Date.now() - stopping).toBeLessThan(5_000)
    await sleep(1_200)
    expect((await directory.snapshot('forest')).copies).toEqual(before)
    await directory.removeCopy('forest', before[0]?.id ?? '')
    await until(async () => (await openCopies()) === 2)
  })

  it('D3: a leader whose connection to the database is cut steps down, and one of them leads on', async () => {
    const one = await orchestrator()
    await until(() => one.leading())
    const two = await orchestrator()
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    await client.end()
    await until(() => one.leading() !== two.leading() && !(one.leading() && two.leading()))
    await until(async () => (await openCopies()) === 2)
  })
})

describe('the admin API', () => {
  it('shows copies, servers, maps and totals', async () => {
    const { url, leading } = await orchestrator()
    await until(async () => leading() && (await openCopies()) === 2)
    const get = async (): Promise<StatusResponse> => statusResponse.parse((await ask(url, '/v1/status')).body)
    await until(async () => (await get()).totals.copiesOpened === 2)
    const status = await get()
    expect(status.leader).toBe(true)
    expect(status.copies).toMatchObject([
      { map: 'forest', state: 'open', players: 0, soft: 8, hard: 10 },
      { map: 'forest', state: 'open' },
    ])
    expect(status.servers.reduce((sum, { copies }) => sum + copies, 0)).toBe(2)
    expect(status.maps).toMatchObject([
      { map: 'forest', policyVersion: 'forest-v1' },
      { map: 'hills', policyError: 'fleets/hills.yaml:3:7 spec.capacity.soft: too small' },
    ])
    expect(status.totals).toEqual({ copiesOpened: 2, copiesMerged: 0, movesOrdered: 0, seatsOverHardCap: 0, partySplits: 0 })
    const metrics = String((await ask(url, '/metrics')).body)
    expect(metrics).toMatch(/strata_copies\{map="forest",state="open",service="orchestrator"\} 2/)
    expect(metrics).toMatch(/strata_seats_over_hard_cap\{.*\} 0/)
    expect((await ask(url, '/readyz')).status).toBe(200)
  })

  it('P2: tells why each copy was opened', async () => {
    const { url } = await orchestrator()
    await until(async () => (await openCopies()) === 2)
    const decisions = async () =>
      ((await ask(url, '/v1/decisions?map=forest')).body as { decisions: { kind: string; reason: string; policyVersion: string }[] }).decisions
    await until(async () => (await decisions()).filter(({ kind }) => kind === 'open').length >= 2)
    expect((await decisions())[0]).toMatchObject({ kind: 'open', reason: expect.stringMatching(/.{10}/), policyVersion: 'forest-v1' })
  })

  it('closes a copy and drains a server for those who hold the token, and for nobody else', async () => {
    const { url } = await orchestrator('s3cret')
    await until(async () => (await openCopies()) === 2)
    const [copy] = (await directory.snapshot('forest')).copies
    if (copy === undefined) throw new Error('no copy')
    for (const token of [undefined, 'wrong']) {
      expect(await ask(url, '/v1/close', { copy: copy.id }, token)).toMatchObject({ status: 401, body: { error: { code: 'OPERATOR_TOKEN' } } })
      expect((await ask(url, '/v1/drain', { server: copy.server }, token)).status).toBe(401)
      expect((await ask(url, '/v1/decisions?map=forest', undefined, token)).status).toBe(401)
    }
    expect(await ask(url, '/v1/close', { copy: copy.id }, 's3cret')).toMatchObject({ status: 200, body: { copy: copy.id, map: 'forest', state: 'closing' } })
    await until(async () => !(await directory.snapshot('forest')).copies.some(({ id }) => id === copy.id))
    const [other] = (await directory.snapshot('forest')).copies
    expect(await ask(url, '/v1/drain', { server: other?.server }, 's3cret')).toEqual({ status: 200, body: { server: other?.server, draining: true } })
    expect(fleets.servers.get(other?.server ?? '')?.overflow).toBe(true)
    await until(async () => (await directory.snapshot('forest')).copies.every(({ server }) => server !== other?.server))
  })

  it('X1: wrong bodies and unknown things get clear errors', async () => {
    const { url } = await orchestrator()
    expect(await ask(url, '/v1/close', { copy: 'nothing' })).toMatchObject({ status: 404, body: { error: { code: 'COPY_UNKNOWN' } } })
    expect(await ask(url, '/v1/drain', { server: 'nothing' })).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } })
    expect(await ask(url, '/v1/close', { copy: 7 })).toMatchObject({ status: 400, body: { error: { code: 'BAD_REQUEST' } } })
    expect(await ask(url, '/v1/close', { copy: 'a', force: true })).toMatchObject({ status: 400 })
    expect(await ask(url, '/v1/decisions')).toMatchObject({ status: 400, body: { error: { code: 'BAD_REQUEST' } } })
    expect(await ask(url, '/v1/nothing')).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } })
  })
})
