import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DecisionWriter } from '../../store/decisions/decisionWriter.ts'
import { enterAs, policyNamed, Realm } from '../matchmaker/realm.ts'
import { served } from '../matchmaker/served.ts'
import { storeOfFile } from '../storeOfFile.ts'
import { strata } from './terminal.ts'

const database = await storeOfFile()

let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(() => stack.disposeAsync())

/** A listening matchmaker with two copies of the forest: Ada is alone in one, three others fill the other up to the soft cap. */
async function matchmaker(): Promise<{ realm: Realm; ticket: string; environment: { STRATA_MATCHMAKER: string; OPERATOR_TOKEN: string } }> {
  const { store } = database
  // Only the signals guild and occupancy have a weight.
  const none = Object.fromEntries(Object.keys(policyNamed('forest').placement.weights).map((signal) => [signal, 0]))
  const placement = { weights: { ...none, guild: 3, occupancy: 1 }, attributes: [] }
  const realm = stack.use(await Realm.create(store, policyNamed('forest', { capacity: { soft: 3, hard: 5, company: 1 }, placement })))
  const parts = realm.matchmaker()
  await realm.open('forest-1')
  for (const name of ['Cli Bob', 'Cli Cyd', 'Cli Dan']) await enterAs(parts, await realm.person(name))
  await realm.open('forest-2')
  const answer = await enterAs(parts, await realm.person('Cli Ada'))
  if (!('seat' in answer)) throw new Error('no seat')
  const writer = stack.use(new DecisionWriter({ store }))
  for (const decision of realm.decisions) writer.add({ ...decision, id: `${realm.clock.now()}-${Math.random()}` })
  await writer[Symbol.asyncDispose]()
  const { app } = stack.use(await served(realm, { development: false, operatorToken: 's3cret' }))
  return { realm, ticket: answer.seat.ticket, environment: { STRATA_MATCHMAKER: await app.listen({ host: '127.0.0.1', port: 0 }), OPERATOR_TOKEN: 's3cret' } }
}

it('P2: shows why a character is where it is, from the stored decision', async () => {
  const { realm, ticket, environment } = await matchmaker()
  const { code, out } = await strata(['explain', 'cli ada'], { environment, now: () => realm.clock.now() + 65_000 })
  expect(code).toBe(0)
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    Cli Ada  speaks en  cli-ada
    in forest, copy forest-2 (not there yet: a seat is held)

    22:13:20 UTC (1 m 5 s ago)  placed in forest, copy forest-2
      Cli Ada asked to enter forest; best that fitted: guild 0.00, occupancy 0.00.
         copy      people  limit  party  stays  friends  guild  occupancy  score
      ►  forest-2       0      3      0    yes     0.00   0.00       0.00   0.00
         forest-1       3      3      ·      ·        ·      ·          ·      ·  ✗ would pass the limit for these people
      policy v1 · protocol 1
    "
  `)
  const json = JSON.parse((await strata(['explain', 'cli ada', '--json'], { environment })).out)
  expect(json).toMatchObject({ name: 'Cli Ada', decisions: [{ kind: 'place', copy: 'forest-2' }] })
  expect(JSON.parse((await strata(['explain', ticket, '--json'], { environment })).out)).toEqual(json)
})

it('X1: explain needs the operator token, and refuses an unknown character and a wrong number', async () => {
  const { environment } = await matchmaker()
  const ask = (...args: string[]) => strata(['explain', ...args], { environment: { ...environment, OPERATOR_TOKEN: '' } })
  expect(await ask('Cli Ada')).toMatchObject({ code: 1, out: '', problems: expect.stringContaining('The token is read from STRATA_TOKEN or OPERATOR_TOKEN') })
  expect(await strata(['explain', 'Cli Ada'], { environment })).toMatchObject({ code: 0 })
  expect(await strata(['explain', 'Nobody/..%2f'], { environment })).toMatchObject({
    code: 1,
    problems: 'strata: There is no character "Nobody/..%2f"; check the name or the id.\n',
  })
  expect(await ask('Cli Ada', '--last', 'two')).toMatchObject({ code: 2, problems: expect.stringContaining('write a whole number') })
})

it('X1: another program at the address is reported as such', async () => {
  const { environment } = await matchmaker()
  expect(await strata(['status', '--orchestrator', environment.STRATA_MATCHMAKER])).toMatchObject({
    code: 3,
    problems: expect.stringContaining('the service there does not know /v1/status'),
  })
  for (const [answer, problem] of [
    [{ status: 200, body: '<html>' }, 'another program or another version of Strata listens there'],
    [{ status: 200, body: '{"copies": 7}' }, 'another program or another version of Strata listens there'],
    [{ status: 502, body: 'Bad gateway' }, 'it answered with status 502 and no error code'],
    [{ status: 503, body: '{"error":{"code":"DEPENDENCY_DOWN","message":"","retryable":true,"details":{"what":"The store"}}}' }, 'The store does not answer'],
    [{ status: 418, body: '{"error":{"code":"TEAPOT","message":"short and stout","retryable":false,"details":{}}}' }, 'TEAPOT: short and stout'],
  ] as const) {
    const url = await listening(createServer((_, response) => response.writeHead(answer.status).end(answer.body)))
    const { code, problems } = await strata(['status', '--orchestrator', url])
    expect([code, problems]).toEqual([answer.status === 418 ? 1 : 3, expect.stringContaining(problem)])
  }
})

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stack.defer(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port, not on a pipe
}
