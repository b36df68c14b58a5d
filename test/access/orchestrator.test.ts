import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { orchestratorAccess } from '../../model/access/routes.ts'
import { ADMIN_TOKEN, ServedWorld } from '../../orchestrator/testing/servedWorld.ts'
import { until } from '../../orchestrator/testing/until.ts'
import { freshStore } from '../freshStore.ts'
import { makeCharacter } from '../people.ts'
import { closedRows, keyPair, type Parties, rightful, strangers, type Token } from './callers.ts'
import { type Answer, admitted, lineOf } from './walk.ts'

const POLICY = `apiVersion: strata.dev/v1alpha1
kind: MapPolicy
metadata: { name: forest }
spec: { fleet: overworld, capacity: { soft: 40, hard: 50, company: 8 } }
`
/** Answers of routes that refuse the request of this test for what it asks, after the guard let the caller in. */
const behindTheGuard: Record<string, number> = { 'POST /v1/reopen': 409, 'POST /v1/holds/:id/lift': 404, 'POST /v1/recording/export': 404 }

let database: Awaited<ReturnType<typeof freshStore>>
let world: ServedWorld
let url: string
let parties: Parties
let matchmaker: Server

beforeAll(async () => {
  database = await freshStore()
  world = new ServedWorld(database.store)
  world.policyTexts = { read: async () => POLICY, write: async () => undefined }
  const [session, service, foreign] = [await keyPair(), await keyPair(), await keyPair()]
  matchmaker = createServer((_request, response) => void response.setHeader('content-type', 'application/json').end('{}')).listen(0, '127.0.0.1')
  await once(matchmaker, 'listening')
  const passedOnTo = { url: `http://127.0.0.1:${(matchmaker.address() as AddressInfo).port}`, operatorToken: ADMIN_TOKEN } // it listens on a port
  const orchestrator = await world.orchestrator({ serviceKeys: () => [service.publicKey], console: { matchmaker: passedOnTo } })
  url = orchestrator.url
  parties = { session, service, foreign, operatorToken: ADMIN_TOKEN, victim: 'victim', other: 'other', now: () => Date.now() }
  await until(async () => orchestrator.leading() && (await world.open()) === 2)
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  matchmaker.close()
  await database[Symbol.asyncDispose]()
})

/** A request that would do something: it names a copy and a server of the world. */
async function attempt(route: string, token: Token): Promise<Answer> {
  await until(async () => (await world.open()) >= 2)
  const [copy] = (await world.copies()).filter(({ state }) => state === 'open')
  if (copy === undefined) throw new Error('the world has no copy')
  const queries: Record<string, string> = { 'GET /v1/decisions': '?map=forest' }
  const bodies: Record<string, object> = {
    'POST /v1/drain': { server: copy.server },
    'POST /v1/close': { copy: copy.id },
    'POST /v1/reopen': { copy: copy.id, reason: 'test' },
    'PUT /v1/policies/:map': { text: POLICY, before: POLICY, reason: 'test' },
    'POST /v1/policies/:map/try': { text: POLICY },
    'POST /v1/holds': { map: 'forest', minutes: 1, reason: 'test' },
    'POST /v1/holds/:id/lift': { reason: 'test' },
    'POST /v1/recording/export': { from: 0, until: 1 },
    'POST /v1/open': { map: 'forest', reason: 'a test' },
    'POST /v1/move': route === 'POST /v1/move' ? await aMove() : {},
  }
  const [method = '', path = ''] = route.split(' ')
  const body = bodies[route] ?? (method === 'POST' ? {} : undefined)
  const there = path.replace(':copy', copy.id).replace(':map', 'forest').replaceAll(/:\w+/g, 'somebody')
  const response = await fetch(`${url}${there}${queries[route] ?? ''}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (route === 'POST /v1/move' && response.ok) waiting = undefined
  // A live view does not end, and a trial takes long: the status tells enough.
  if (['text/event-stream', 'application/x-ndjson'].includes(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel()
    return { status: response.status, text: '' }
  }
  return { status: response.status, text: await response.text() }
}

/** A move that nobody has ordered yet: of a player who sits in one open copy, to another one. */
let waiting: { from: string; character: string; copy: string } | undefined
let players = 0
async function aMove(): Promise<object> {
  await until(async () => (await world.open()) >= 2)
  const open = (await world.copies()).filter(({ state }) => state === 'open').map(({ id }) => id)
  if (waiting === undefined || !open.includes(waiting.from) || !open.includes(waiting.copy)) waiting = await seatedIn(open[0] ?? '', open[1] ?? '')
  return { character: waiting.character, copy: waiting.copy, reason: 'a test' }
}

async function seatedIn(from: string, copy: string): Promise<NonNullable<typeof waiting>> {
  const character = `mover${++players}`
  await makeCharacter(database.store, { name: character })
  const holders = [{ character, entity: 1_000 + players, name: character, language: 'en' }]
  const now = Date.now()
  await world.directory.holdSeats({ map: 'forest', holders, options: [{ copy: from, limit: 10 }], now, deadline: now + 60_000 })
  await world.directory.takeSeat('forest', from, character, now)
  return { from, character, copy }
}

const state = async () => ({
  copies: (await world.copies()).map(({ id, state, server }) => ({ id, state, server })),
  draining: [...world.fleets.servers.values()].filter(({ overflow }) => overflow).map(({ id }) => id),
})

describe('X1: every route of the orchestrator refuses', () => {
  // None of its routes is for players.
  for (const stranger of strangers.filter(({ kind }) => kind !== "a service or an operator on a player's route")) {
    it(stranger.kind, { timeout: 60_000 }, async () => {
      const before = await state()
      expect(await admitted({ table: orchestratorAccess, ask: attempt }, stranger, parties)).toEqual([])
      expect(await state()).toEqual(before)
    })
  }
})

describe('the table of access of the orchestrator', () => {
  it('has closed rows, each with a request that would do something', () => {
    const own = closedRows(orchestratorAccess).filter(([route]) => !route.includes('/moderation/') && !route.includes('/explain/'))
    expect(own.map(([route]) => route)).toEqual([
      'GET /v1/live',
      'GET /v1/timeline',
      'GET /v1/copies/:copy',
      'GET /v1/recording',
      'POST /v1/recording/export',
      'GET /v1/decisions',
      'GET /v1/players',
      'GET /v1/line',
      'GET /v1/policies',
      'POST /v1/drain',
      'POST /v1/close',
      'POST /v1/reopen',
      'GET /v1/policies/:map',
      'PUT /v1/policies/:map',
      'POST /v1/policies/:map/try',
      'POST /v1/holds',
      'POST /v1/holds/:id/lift',
      'POST /v1/open',
      'POST /v1/move',
    ])
  })

  it('admits the callers that a row names', async () => {
    const found: string[] = []
    for (const [route, who] of Object.entries(orchestratorAccess)) {
      // test/console/signIn.test.ts signs in, and the page needs its build.
      if (/ (\/|\/console.*|\/v1\/session.*)$/.test(route)) continue
      for (const token of await rightful(who, parties)) {
        const answer = await attempt(route, token)
        if (answer.status !== (behindTheGuard[route] ?? 200)) found.push(lineOf(route, who, token, answer))
      }
    }
    expect(found).toEqual([])
  })
})
