import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { accessFile } from '../../directory/redis/access.ts'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { startRedis } from '../../local/services/redis.ts'
import { roleUrl } from '../../local/services/roleUrl.ts'
import { type ProcessKind, roles } from '../../model/access/process.ts'
import type { MoveOrder } from '../../model/move.ts'
import { signOrder } from '../../model/ticket/signOrder.ts'
import { verifyTicket } from '../../model/ticket/ticket.ts'
import { createSealKeys, openTicket, sealOrder } from '../../service/keys/sealedTickets.ts'
import { directoryContract } from '../contract/directory.ts'

/** What somebody who has taken over a process tries with its user of Redis. */
const stack = new AsyncDisposableStack()
const passwords = { gameserver: 'game-password', matchmaker: 'matchmaker-password', orchestrator: 'orchestrator-password' }
const prefix = 'world[1]:'
let url = ''
let clusterUrl = ''
const as = (process: ProcessKind): string => roleUrl(url, roles[process], passwords[process])
const asInCluster = (process: ProcessKind): string => roleUrl(clusterUrl, roles[process], passwords[process]).replace('redis:', 'redis+cluster:')

async function connect(process: ProcessKind): Promise<Redis> {
  const redis = new Redis(as(process), { lazyConnect: true, maxRetriesPerRequest: 0 })
  stack.defer(() => redis.disconnect())
  await redis.connect()
  return redis
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-redis-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  url = stack.use(await startRedis({ folder: join(folder, 'redis'), volatile: true, users: accessFile(prefix, passwords) })).url
  const options = { folder: join(folder, 'cluster'), volatile: true, cluster: true, users: accessFile(prefix, passwords) }
  clusterUrl = stack.use(await startRedis(options)).url
  const everything = new Redis(url)
  stack.defer(() => everything.disconnect())
  await everything.set('another-world:secret', 'x')
})
afterAll(() => stack.disposeAsync())

for (const process of ['matchmaker', 'orchestrator'] as const)
  directoryContract(`Redis with the rights of the ${process}`, async () => {
    const directory = await RedisDirectory.connect(as(process), { prefix, clock: 'caller' })
    const empty = async (): Promise<void> => {
      const everything = new Redis(url)
      await everything.flushall()
      everything.disconnect()
    }
    await empty()
    return { directory, empty }
  })

const order: MoveOrder = {
  id: 'move-1',
  cause: 'merge',
  members: [{ character: 'ada', ticket: 'ticket-of-ada' }],
  from: { map: 'm', copy: 'a', server: 's' },
  to: { map: 'm', copy: 'b', server: 't', address: 'ws://t', heldUntil: Date.now() + 60_000 },
  ordered: Date.now(),
  deadline: Date.now() + 30_000,
}

it.each(['a Redis', 'a Redis Cluster'])(
  'a game server does its work with its own rights on %s: copies, seats, presence, moves, chat, reports, events',
  async (kind) => {
    const at = kind === 'a Redis' ? as : asInCluster
    await using control = await RedisDirectory.connect(at('orchestrator'), { prefix })
    await using server = await RedisDirectory.connect(at('gameserver'), { prefix })
    await server.ping()
    const now = Date.now()
    const watching = new AbortController()
    const events = (await server.watch(watching.signal, { onlyFor: 's' }))[Symbol.asyncIterator]()
    const copy = { id: 'a', map: 'm', server: 's', address: 'ws://s', created: now, since: now } as const
    await control.addCopy({ ...copy, state: 'opening' })
    expect((await events.next()).value).toMatchObject({ type: 'copy' })
    expect(await server.changeCopy({ ...copy, state: 'open' }, 'opening')).toBe(true)
    const holder = { character: 'ada', entity: 1, name: 'Ada', language: 'en' }
    await control.holdSeats({ map: 'm', holders: [holder], options: [{ copy: 'a', limit: 10 }], now, deadline: now + 10_000 })
    expect(await server.takeSeat('m', 'a', 'ada', now)).toBe(true)
    await server.describeSeats('m', 'a', [{ ...holder, name: 'Ada B.' }])
    expect((await server.hosted('m', 's', [])).seats).toHaveLength(1)
    await server.setPresence({ character: 'ada', map: 'm', copy: 'a', server: 's', epoch: 1 })
    expect((await server.presence(['ada'])).size).toBe(1)
    await server.reportServer({ id: 's', fleet: 'f', address: 'ws://s', rooms: 1, draining: false, beat: now, protocol: { min: 1, max: 1 } })
    await control.orderMove(order)
    expect(await server.movesFor('s')).toEqual([order])
    await server.settleMove('s', { id: 'move-1', cause: 'merge', state: 'done', members: 1 })
    const received = Promise.withResolvers<unknown>()
    await using feed = await server.openChat((_, message) => received.resolve(message))
    await feed.join(['guild:g'])
    const message = { id: 'c1', at: now, from: { character: 'ada', name: 'Ada' }, text: 'hi' } as unknown as Parameters<typeof server.publishChat>[1]
    await server.publishChat('guild:g', message, { count: 5, ageMs: 60_000 })
    expect(await server.chatHistory('guild:g', 5, 0)).toBeDefined()
    expect(await server.maps()).toContain('m')
    await server.clearPresence('ada', 1)
    await server.freeSeat('m', 'a', 'ada')
    await server.restoreCopy({ ...copy, state: 'open' }, [])
    await server.removeCopy('m', 'a')
    await server.removeServer('s')
    watching.abort()
  },
)

it('S5: a taken-over game server that reads the move orders of another one finds no ticket with which its client could join', async () => {
  const [holder, attacker, key] = [createSealKeys(), createSealKeys(), await generateKeyPair('EdDSA')]
  const ada = { character: 'ada', entity: 1, name: 'Ada', language: 'en' }
  const { members: _, ...draft } = { ...order, id: 'move-2' }
  const signed = await signOrder(draft, [ada], { newId: () => 'ticket-1', key: key.privateKey })
  await using control = await RedisDirectory.connect(as('orchestrator'), { prefix })
  await control.orderMove(await sealOrder(signed, async () => new Map([['ada', holder.publicKey]])))
  const redis = await connect('gameserver')
  const mailbox = (await redis.hvals(`${prefix}moves:s`)).map((text): MoveOrder => JSON.parse(text))
  const [member] = mailbox.find(({ id }) => id === 'move-2')?.members ?? []
  if (member === undefined) throw new Error('the order is not in the mailbox')
  await expect(verifyTicket(member.ticket, [key.publicKey], Date.now())).rejects.toMatchObject({ code: 'TICKET_INVALID' })
  expect(openTicket('move-2', member, attacker)).toBeUndefined()
  // The control: the server that holds the character.
  expect(await verifyTicket(openTicket('move-2', member, holder) ?? '', [key.publicKey], Date.now())).toMatchObject({ holder: ada, move: 'move-2' })
})

it.each<[string, string, ...string[]]>([
  ['empties Redis', 'flushall'],
  ['empties its database', 'flushdb'],
  ['lists all keys', 'keys', '*'],
  ['lists keys in steps', 'scan', '0'],
  ['reads the configuration', 'config', 'get', '*'],
  ['changes the configuration', 'config', 'set', 'dir', '/tmp'],
  ['watches the commands of others', 'monitor'],
  ['lists the connections of others', 'client', 'list'],
  ['ends connections', 'client', 'kill', 'TYPE', 'normal'],
  ['reads the users', 'acl', 'list'],
  ['gives itself rights', 'acl', 'setuser', 'strata_gameserver', 'allcommands'],
  ['stops the server', 'shutdown'],
  ['makes it a replica', 'replicaof', '127.0.0.1', '1'],
  ['writes to disk', 'save'],
  ['removes the scripts', 'script', 'flush'],
  ['copies a key away', 'dump', `${prefix}presence`],
  ['reads another world', 'get', 'another-world:secret'],
  ['reads another world in a script', 'eval', `return redis.call('GET', 'another-world:secret')`, '0'],
  ['empties Redis in a script', 'eval', `return redis.call('FLUSHALL')`, '0'],
  ['orders a move', 'hset', `${prefix}moves:s`, 'forged', '{}'],
  ['orders a move in a script', 'eval', `return redis.call('HSET', KEYS[1], 'forged', '{}')`, '1', `${prefix}moves:s`],
  ['reads the reports of all servers', 'hvals', `${prefix}servers`],
  ['listens to the events of the crowd', 'subscribe', `${prefix}events:crowd`],
  ['listens to all channels', 'psubscribe', '*'],
  ['writes to another world', 'publish', 'another-world:events', '{}'],
])('a taken-over game server that %s is refused by Redis', async (_what, command, ...args) => {
  const redis = await connect('gameserver')
  await expect(redis.call(command, ...args)).rejects.toThrow(/NOPERM|ACL failure|can't (access|run)/)
})

it('the matchmaker and the orchestrator cannot empty, configure or list Redis, or read another world', async () => {
  for (const process of ['matchmaker', 'orchestrator'] as const) {
    const redis = await connect(process)
    for (const [command = '', ...args] of [['flushall'], ['config', 'get', '*'], ['keys', '*'], ['get', 'another-world:secret'], ['monitor']])
      await expect(redis.call(command, ...args), `${process} ${command}`).rejects.toThrow(/NOPERM/)
  }
})
