import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StatusResponse, statusResponse } from '../model/wire/admin.ts'
import { storeOfFile } from '../test/storeOfFile.ts'
import { plan } from './plan/plan.ts'
import { ADMIN_TOKEN, ServedWorld } from './testing/servedWorld.ts'
import { until } from './testing/until.ts'

const database = await storeOfFile()
let world: ServedWorld

beforeEach(() => {
  world = new ServedWorld(database.store)
})
afterEach(() => world[Symbol.asyncDispose]())

async function ask(url: string, path: string, body?: unknown, token?: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
}

describe('two orchestrators', () => {
  it('D3: one leads; when it stops, the other takes over within 5 s and repeats nothing', async () => {
    const one = await world.orchestrator()
    await until(() => one.leading())
    const two = await world.orchestrator()
    await until(async () => (await world.open()) === 2)
    expect(two.leading()).toBe(false)
    const before = await world.copies()
    const stopping = Date.now()
    await one[Symbol.asyncDispose]()
    await until(() => two.leading())
    expect(Date.now() - stopping).toBeLessThan(5_000)
    await sleep(1_200)
    expect(await world.copies()).toEqual(before)
    await world.directory.removeCopy('forest', before[0]?.id ?? '')
    await until(async () => (await world.open()) === 2)
  })

  it('D3: a leader whose database connection is terminated stops leading, and exactly one of them leads afterwards', async () => {
    const one = await world.orchestrator()
    await until(() => one.leading())
    const two = await world.orchestrator()
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    // Only in this database: other tests hold such locks in other databases of the server.
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE datname = current_database() AND locktype = 'advisory' AND granted",
    )
    await client.end()
    await until(() => one.leading() !== two.leading() && !(one.leading() && two.leading()))
    await until(async () => (await world.open()) === 2)
  })
})

it('D3: a new leader plans with the day shapes that an earlier leader stored', async () => {
  const quarters = Array.from({ length: 96 }, (_, quarter) => (quarter < 90 ? quarter : undefined))
  await database.store.recordDayShapes(new Map([['forest', quarters]]), Date.now())
  const known: unknown[] = []
  const recording: typeof plan = (input) => {
    known.push(input.memory.maps.get('forest')?.dayShape)
    return plan(input)
  }
  const { leading } = await world.orchestrator({ plan: recording })
  await until(() => leading() && known.length > 0)
  expect(known[0]).toEqual({ quarters })
})

describe('the admin API', () => {
  it('shows copies, servers, maps and totals', async () => {
    const { url, leading } = await world.orchestrator()
    await until(async () => leading() && (await world.open()) === 2)
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

  it('P2: the decisions contain why each copy was opened', async () => {
    const { url } = await world.orchestrator()
    await until(async () => (await world.open()) === 2)
    const decisions = async () =>
      ((await ask(url, '/v1/decisions?map=forest', undefined, ADMIN_TOKEN)).body as { decisions: { kind: string; reason: string; policyVersion: string }[] })
        .decisions
    await until(async () => (await decisions()).filter(({ kind }) => kind === 'open').length >= 2)
    expect((await decisions())[0]).toMatchObject({ kind: 'open', reason: expect.stringMatching(/.{10}/), policyVersion: 'forest-v1' })
  })

  it('closes a copy and drains a server only with the operator token', async () => {
    const { url } = await world.orchestrator({ adminToken: 's3cret' })
    await until(async () => (await world.open()) === 2)
    const [copy] = await world.copies()
    if (copy === undefined) throw new Error('no copy')
    for (const token of [undefined, 'wrong']) {
      expect(await ask(url, '/v1/close', { copy: copy.id }, token)).toMatchObject({ status: 401, body: { error: { code: 'OPERATOR_TOKEN' } } })
      expect((await ask(url, '/v1/drain', { server: copy.server }, token)).status).toBe(401)
      expect((await ask(url, '/v1/decisions?map=forest', undefined, token)).status).toBe(401)
    }
    expect(await ask(url, '/v1/close', { copy: copy.id }, 's3cret')).toMatchObject({ status: 200, body: { copy: copy.id, map: 'forest', state: 'closing' } })
    await until(async () => !(await world.copies()).some(({ id }) => id === copy.id))
    const [other] = await world.copies()
    expect(await ask(url, '/v1/drain', { server: other?.server }, 's3cret')).toEqual({ status: 200, body: { server: other?.server, draining: true } })
    expect(world.fleets.servers.get(other?.server ?? '')?.overflow).toBe(true)
    await until(async () => (await world.copies()).every(({ server }) => server !== other?.server))
  })

  it('X1: invalid requests and unknown ids get an error of the catalogue', async () => {
    const { url } = await world.orchestrator()
    expect(await ask(url, '/v1/close', { copy: 'nothing' }, ADMIN_TOKEN)).toMatchObject({ status: 404, body: { error: { code: 'COPY_UNKNOWN' } } })
    expect(await ask(url, '/v1/drain', { server: 'nothing' }, ADMIN_TOKEN)).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } })
    expect(await ask(url, '/v1/close', { copy: 7 }, ADMIN_TOKEN)).toMatchObject({ status: 400, body: { error: { code: 'BAD_REQUEST' } } })
    expect(await ask(url, '/v1/close', { copy: 'a', force: true }, ADMIN_TOKEN)).toMatchObject({ status: 400 })
    expect(await ask(url, '/v1/decisions', undefined, ADMIN_TOKEN)).toMatchObject({ status: 400, body: { error: { code: 'BAD_REQUEST' } } })
    expect(await ask(url, '/v1/nothing')).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } })
  })
})
