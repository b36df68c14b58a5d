import { randomUUID } from 'node:crypto'
import { generateKeyPair } from 'jose'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { CensusReplica } from '../../directory/censusReplica.ts'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { createMetrics } from '../../matchmaker/metrics.ts'
import type { Parts } from '../../matchmaker/parts.ts'
import { Doorbell } from '../../matchmaker/queue/doorbell.ts'
import { WaitEstimate } from '../../matchmaker/queue/waitEstimate.ts'
import { createLogger } from '../../service/log.ts'
import type { Store } from '../../store/store.ts'
import { freshStore } from '../freshStore.ts'
import { enterAs, policyNamed, Realm } from './realm.ts'

const MATCHMAKERS = 4
const PARTIES = 12
const STRANGERS = 40
const policy = policyNamed('forest', { capacity: { soft: 16, hard: 20, company: 2 } })

/** A matchmaker as a process of its own has it: its own connections, its own replica. */
async function matchmaker(stack: AsyncDisposableStack, prefix: string, store: Store, keys: Parts['keys']): Promise<Parts> {
  const clock = { now: () => Date.now() }
  const directory = stack.use(await RedisDirectory.connect(process.env['REDIS_URL'] ?? '', { prefix }))
  const replica = stack.use(await CensusReplica.follow(directory, clock))
  return {
    directory,
    store,
    world: replica,
    policies: () => new Map([['forest', policy]]),
    clock,
    newId: randomUUID,
    keys,
    record: () => undefined,
    waits: new WaitEstimate(),
    doorbell: stack.use(new Doorbell((listener) => replica.onChange(listener))),
    metrics: createMetrics(new Registry(), () => []),
    log: createLogger('test', 'silent'),
  }
}

it('S3, P1: parties and strangers storm several matchmakers on one Redis: no cap broken, no party split', async () => {
  await using stack = new AsyncDisposableStack()
  const { store } = stack.use(await freshStore())
  const prefix = `race-${randomUUID()}:`
  const { privateKey, publicKey } = await generateKeyPair('EdDSA')
  const keys = { ticket: privateKey, ticketPublic: [publicKey] }
  const matchmakers = await Promise.all(Array.from({ length: MATCHMAKERS }, () => matchmaker(stack, prefix, store, keys)))
  const directory = stack.use(await RedisDirectory.connect(process.env['REDIS_URL'] ?? '', { prefix }))
  const now = Date.now()
  await directory.reportServer({
    id: 's1',
    fleet: 'overworld',
    address: 'ws://127.0.0.1:1',
    rooms: 9,
    protocol: { min: 1, max: 1 },
    draining: false,
    beat: now,
  })
  for (let n = 1; n <= 5; n++) {
    await directory.addCopy({ id: `forest-${n}`, map: 'forest', server: 's1', created: now, since: now, state: 'open', address: 'ws://127.0.0.1:1' })
  }
  await Promise.all(matchmakers.map(async (parts) => (parts.world as CensusReplica).refresh())) // built above from one
  await using people = await Realm.create(store)
  const parties = await Promise.all(Array.from({ length: PARTIES }, (_, n) => people.partyOf(4, `Storm ${n}`)))
  const strangers = await people.people(STRANGERS, 'Storm alone')

  const storm = [...parties.flat(), ...strangers].map((person, n) => ({ person, parts: matchmakers[n % MATCHMAKERS] }))
  const answers = await Promise.all(storm.map(async ({ person, parts }) => (parts === undefined ? undefined : enterAs(parts, person))))
  expect(answers.filter((answer) => answer !== undefined && 'seat' in answer).length).toBeGreaterThan(60)

  const { seats } = await directory.snapshot('forest')
  const inside = Map.groupBy(seats, ({ copy }) => copy)
  for (const [, held] of inside) expect(held.length).toBeLessThanOrEqual(policy.capacity.hard)
  expect(new Set(seats.map(({ seat }) => seat.character)).size).toBe(seats.length)
  for (const party of Map.groupBy(
    seats.filter(({ seat }) => seat.party !== undefined),
    ({ seat }) => seat.party,
  ).values()) {
    expect(new Set(party.map(({ copy }) => copy)).size).toBe(1)
  }
})
