import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { PresenceTable } from '../../../docs/how-to/webhooks/presence.ts'
import { createReceiver } from '../../../docs/how-to/webhooks/receiver.ts'
import { Endpoint } from '../../../matchmaker/webhooks/endpoint.ts'
import { WebhookSender } from '../../../matchmaker/webhooks/webhookSender.ts'
import { webhookSettings, webhooksFrom } from '../../../matchmaker/webhooks/webhookSettings.ts'
import { webhookTypes } from '../../../model/webhooks.ts'
import { signPermit } from '../../../service/keys/permit.ts'
import { createLogger } from '../../../service/log.ts'
import { createStore, type PostgresStore } from '../../../store/postgresStore.ts'
import { freshStore } from '../../freshStore.ts'
import { makeCharacter } from '../../people.ts'
import { execute, roleLogin } from '../../roleLogin.ts'

const secret = `whsec_${Buffer.from('a secret of a test, 32 bytes....').toString('base64')}`
const HOUR = 3_600_000

interface Received {
  type: string
  data: { character?: string; copy: string; from?: string; epoch?: number; map?: string; fromMap?: string; name?: string; successors?: string[] }
}

let stack: AsyncDisposableStack
let store: PostgresStore
let url: string
let received: Received[]
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  const fresh = stack.use(await freshStore())
  store = fresh.store
  url = fresh.url
  received = []
  await store.webhooks.setTypes(webhookTypes)
})
afterEach(() => stack.disposeAsync())

async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close').catch(() => undefined)
}

/** The receiver of the how-to. It fails while `broken` says so. */
function receiver(broken: (message: Received) => boolean = () => false, seen = new Set<string>()): Server {
  return createReceiver(secret, seen, async (message) => {
    if (broken(message)) throw new Error('the database of the studio is down')
    received.push(message)
  })
}

function sender(port: number): { registry: Registry; sender: WebhookSender } {
  const registry = new Registry()
  const endpoint = new Endpoint({ url: `http://127.0.0.1:${port}/strata`, secrets: [secret] })
  const config = { deadAfterMs: HOUR, atOnce: 4, maxPending: 10_000 }
  const clock = { now: Date.now }
  const log = createLogger('matchmaker', 'silent')
  return {
    registry,
    sender: new WebhookSender({
      store,
      webhooks: store.webhooks,
      endpoint,
      config,
      maps: () => ['forest', 'forest-deep', 'town'],
      registry,
      clock,
      random: () => 0,
      log,
      sweepEveryMs: 200,
    }),
  }
}

/** Lets a character play: it enters the forest, is moved to another copy, and leaves. */
async function play(name: string, moves = 1): Promise<string> {
  const { character: id } = await makeCharacter(store, { name })
  const { epoch } = await store.claim(id, { copy: 'forest-1', server: 's1' })
  let last = epoch
  for (let n = 0; n < moves; n++) {
    await store.release(`${id}-move-${n}`, [{ character: id, epoch: last, state: {}, stateVersion: 1 }])
    const claimed = await store.claimReleased(id, `${id}-move-${n}`, last, { copy: `forest-deep-${n + 2}`, server: 's2' })
    last = claimed?.epoch ?? last
  }
  await store.leave(id, last, {}, 1)
  return id
}

const of = (character: string) => received.filter(({ data }) => data.character === character).map(({ type, data }) => [type, data.copy, data.from])
const until = (check: () => boolean | Promise<boolean>) => expect.poll(check, { timeout: 60_000, interval: 50 }).toBe(true)

it('W1: what happens to a character arrives signed and in order: it enters, is moved, leaves', async () => {
  const server = receiver()
  stack.use({ [Symbol.asyncDispose]: () => close(server) })
  stack.use(sender(await listen(server)).sender)
  const id = await play('Hook Ada')
  await until(() => received.length === 3)
  expect(received.map(({ type, data }) => [type, data])).toEqual([
    ['character.entered', { character: id, name: 'Hook Ada', account: `account of ${id}`, copy: 'forest-1', map: 'forest', server: 's1', epoch: 1 }],
    [
      'character.moved',
      {
        character: id,
        name: 'Hook Ada',
        account: `account of ${id}`,
        copy: 'forest-deep-2',
        map: 'forest-deep',
        server: 's2',
        from: 'forest-1',
        fromMap: 'forest',
        epoch: 2,
      },
    ],
    ['character.left', { character: id, name: 'Hook Ada', account: `account of ${id}`, copy: 'forest-deep-2', map: 'forest-deep', server: 's2', epoch: 2 }],
  ])
  await until(async () => (await store.webhooks.backlog()).pending === 0)
})

it('W1: messages wait while the receiver is down, and then arrive in order for each character', async () => {
  let server = receiver()
  const port = await listen(server)
  await close(server)
  stack.use(sender(port).sender)
  const ids = await Promise.all(['Down Ada', 'Down Bob', 'Down Cyd'].map((name) => play(name, 5)))
  await until(async () => (await execute(url, 'SELECT 1 FROM webhook_outbox WHERE attempts > 0')).length > 2)
  expect(received).toEqual([])
  server = receiver()
  await listen(server, port)
  stack.use({ [Symbol.asyncDispose]: () => close(server) })
  await until(() => received.length === 3 * 7)
  const presence = new PresenceTable()
  for (const message of received) presence.apply(message)
  expect(presence.copies.size).toBe(0)
  for (const id of ids) {
    expect(of(id).map(([type]) => type)).toEqual(['character.entered', ...Array.from({ length: 5 }, () => 'character.moved'), 'character.left'])
    expect(of(id).map(([, , from]) => from)).toEqual([undefined, 'forest-1', 'forest-deep-2', 'forest-deep-3', 'forest-deep-4', 'forest-deep-5', undefined])
  }
})

it('W1: an answer that is lost makes a duplicate with the same id, which the receiver recognises', async () => {
  const seen = new Set<string>()
  const ids: string[] = []
  const server = receiver(undefined, seen)
  // The first answer to each message is cut off after the receiver has applied it.
  const first = new Set<string>()
  server.prependListener('request', (request, response) => {
    const id = String(request.headers['webhook-id'])
    ids.push(id)
    if (first.has(id)) return
    first.add(id)
    response.end = () => {
      request.socket.destroy()
      return response
    }
  })
  stack.use({ [Symbol.asyncDispose]: () => close(server) })
  stack.use(sender(await listen(server)).sender)
  const id = await play('Twice Ada')
  await until(async () => (await store.webhooks.backlog()).pending === 0)
  expect(of(id).map(([type]) => type)).toEqual(['character.entered', 'character.moved', 'character.left'])
  expect(ids).toHaveLength(6)
  expect(new Set(ids).size).toBe(3)
})

it('W2: a message that fails for too long is a dead letter; the next ones of its character go on, and a retry sends it', async () => {
  let broken = true
  const server = receiver(({ type }) => broken && type === 'character.moved')
  stack.use({ [Symbol.asyncDispose]: () => close(server) })
  const { registry, sender: sending } = sender(await listen(server))
  stack.use(sending)
  const id = await play('Dead Ada')
  await until(async () => (await execute(url, "SELECT 1 FROM webhook_outbox WHERE type = 'character.moved' AND attempts > 0")).length === 1)
  expect(of(id).map(([type]) => type)).toEqual(['character.entered'])
  await execute(url, "UPDATE webhook_outbox SET at = at - interval '2 hours' WHERE type = 'character.moved'")
  await until(() => of(id).length === 2)
  expect(of(id).map(([type]) => type)).toEqual(['character.entered', 'character.left'])
  const [dead] = await store.webhooks.dead(10)
  expect(dead).toMatchObject({ type: 'character.moved', lane: id, problem: 'the endpoint answered 500' })
  expect(await registry.metrics()).toMatch(/strata_webhooks_died_total 1\n[\s\S]*strata_webhooks_dead 1/)
  broken = false
  expect(await store.webhooks.retry([dead?.message ?? ''])).toBe(1)
  await until(() => of(id).length === 3)
  expect((await store.webhooks.backlog()).dead).toBe(0)
})

it('W1: the start of a merge, and its end, are sent; a closing for another reason is not', async () => {
  const server = receiver()
  stack.use({ [Symbol.asyncDispose]: () => close(server) })
  stack.use(sender(await listen(server)).sender)
  const decide = (id: string, kind: 'close' | 'reopen', inputs: Record<string, unknown>) =>
    store.recordDecisions([
      {
        id,
        at: Date.now(),
        kind,
        map: 'town',
        copy: 'town-1',
        characters: [],
        reason: 'the map needs fewer copies',
        policyVersion: 'v1',
        candidates: '[]',
        inputs,
      },
    ])
  await decide('d1', 'close', { reason: 'merge', successors: ['town-2'] })
  await decide('d1', 'close', { reason: 'merge', successors: ['town-2'] })
  await decide('d2', 'close', { reason: 'operator' })
  await decide('d3', 'reopen', {})
  await until(() => received.length === 2)
  expect(received.map(({ type, data }) => [type, data.copy, data.successors])).toEqual([
    ['copy.merging', 'town-1', ['town-2']],
    ['copy.reopened', 'town-1', undefined],
  ])
})

it('W3: a game server writes the outbox by its claims, and can neither read nor change it', async () => {
  const login = stack.use(await roleLogin(url, 'gameserver'))
  const asServer = stack.use(await createStore({ url: login.url, serverSecret: 'secret-of-the-test-server-0000000' }))
  await asServer.registerServer('s1', 'key')
  const { character } = await makeCharacter(store, { name: 'Role Ada' })
  const enter = async (copy: string) => {
    const permit = signPermit(await store.permitKey(), { character, copy, server: 's1', until: Date.now() + 60_000 })
    return (await asServer.claim(character, { copy, server: 's1' }, permit)).epoch
  }
  const save = { character, state: {}, stateVersion: 1 }
  const first = await enter('forest-1')
  await asServer.release('m1', [{ ...save, epoch: first }], 's1')
  const moved = await asServer.claimReleased(character, 'm1', first, { copy: 'forest-2', server: 's1' })
  // The source claims back what it released: nothing happened to the player.
  await asServer.release('m2', [{ ...save, epoch: moved?.epoch ?? 0 }], 's2')
  const back = await asServer.claimReleased(character, 'm2', moved?.epoch ?? 0, { copy: 'forest-2', server: 's1' })
  // A login while a move is in progress is an entry, and no move.
  await asServer.release('m3', [{ ...save, epoch: back?.epoch ?? 0 }], 's1')
  await asServer.leave(character, await enter('forest-3'), {}, 1)
  expect(await execute(url, "SELECT type, data ->> 'copy' AS copy, data ->> 'from' AS from FROM webhook_outbox ORDER BY id")).toEqual([
    { type: 'character.entered', copy: 'forest-1', from: null },
    { type: 'character.moved', copy: 'forest-2', from: 'forest-1' },
    { type: 'character.entered', copy: 'forest-3', from: 'forest-2' },
    { type: 'character.left', copy: 'forest-3', from: null },
  ])
  for (const statement of [
    'SELECT * FROM webhook_outbox',
    'DELETE FROM webhook_outbox',
    "UPDATE webhook_settings SET types = '{}'",
    'SELECT note_character_for_webhooks()',
  ])
    await expect(execute(login.url, statement), statement).rejects.toThrow(/permission denied/)
})

it('W3: without types nothing is kept', async () => {
  await play('Off Ada')
  await store.webhooks.setTypes([])
  await play('Off Bob')
  expect(await store.webhooks.backlog()).toEqual({ pending: 0, oldestAt: undefined, dead: 0 })
  await store.webhooks.setTypes(['character.left'])
  const id = await play('Off Cyd')
  expect((await store.webhooks.due(10, Date.now())).map(({ type, lane }) => [type, lane])).toEqual([['character.left', id]])
})

it('W2: the outbox is bounded: the oldest surplus becomes dead letters, and old or surplus dead letters are deleted', async () => {
  await Promise.all(Array.from({ length: 4 }, (_, n) => play(`Many ${n}`)))
  const limits = { now: Date.now(), deadAfterMs: HOUR, evenUntried: false, maxPending: 5, maxDead: 100, keepDeadMs: HOUR }
  expect(await store.webhooks.sweep(limits)).toEqual({ died: 4 * 3 - 5, dropped: 0 })
  expect(await store.webhooks.backlog()).toMatchObject({ pending: 5, dead: 7 })
  expect((await store.webhooks.dead(10)).every(({ problem }) => problem === 'the outbox was full')).toBe(true)
  expect(await store.webhooks.sweep({ ...limits, maxDead: 3 })).toEqual({ died: 0, dropped: 4 })
  expect(await store.webhooks.sweep({ ...limits, now: limits.now + 2 * HOUR })).toEqual({ died: 0, dropped: 3 })
  expect(await store.webhooks.sweep({ ...limits, now: limits.now + 2 * HOUR, evenUntried: true })).toEqual({ died: 5, dropped: 0 })
  expect(await store.webhooks.discard()).toBe(5)
})

it('a lane waits behind its failed message, and the other lanes do not', async () => {
  const [ada, bob] = await Promise.all([play('Lane Ada'), play('Lane Bob')])
  const now = Date.now()
  const lanes = async (at: number) => (await store.webhooks.due(100, at)).map(({ lane }) => lane)
  const [first] = (await store.webhooks.due(100, now)).filter(({ lane }) => lane === ada)
  await store.webhooks.failed([{ id: first?.id ?? 0, lane: ada ?? '', due: now + 10_000, problem: 'the endpoint answered 500' }])
  // It happens after the failure, and waits as well.
  await store.claim(ada ?? '', { copy: 'forest-9', server: 's1' })
  expect(new Set(await lanes(now))).toEqual(new Set([bob]))
  expect(new Set(await lanes(now + 9_999))).toEqual(new Set([bob]))
  expect((await lanes(now + 10_000)).filter((lane) => lane === ada)).toHaveLength(4)
})

it('erasing an account deletes its messages from the outbox', async () => {
  const [ada, bob] = [await play('Erase Ada'), await play('Erase Bob')]
  await store.accounts.eraseAccount(`account of ${ada}`)
  expect(new Set((await store.webhooks.due(100, Date.now())).map(({ lane }) => lane))).toEqual(new Set([bob]))
})

it('X1: a secret that is missing or too short, and an unknown type, end the start with what to write', () => {
  const from = (env: Record<string, string>) => webhooksFrom(z.object(webhookSettings).parse({ WEBHOOK_URL: 'http://127.0.0.1:9/', ...env }))
  expect(webhooksFrom(z.object(webhookSettings).parse({}))).toBeUndefined()
  expect(() => from({})).toThrow('WEBHOOK_URL needs a secret')
  expect(() => from({ WEBHOOK_SECRETS: 'whsec_c2hvcnQ=' })).toThrow('a secret has 5 bytes')
  expect(() => from({ WEBHOOK_SECRETS: secret, WEBHOOK_TYPES: 'character.died' })).toThrow()
  expect(from({ WEBHOOK_SECRETS: `${secret}, ${secret}`, WEBHOOK_TYPES: 'character.left' })).toMatchObject({
    secrets: [secret, secret],
    types: ['character.left'],
  })
})
