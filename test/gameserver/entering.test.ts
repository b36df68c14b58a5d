import { generateKeyPair } from 'jose'
import { expect, it } from 'vitest'
import { connectRoom } from '../../client/room/roomLink.ts'
import { resourceNodes } from '../../gameserver/demo/maps.ts'
import { DEMO_STATE_VERSION } from '../../gameserver/demo/state.ts'
import { signTicket } from '../../model/ticket/ticket.ts'
import { control } from '../../model/wire/room.ts'
import { startTcpProxy } from '../tcpProxy.ts'
import { Player } from './harness/player.ts'
import { until } from './harness/servers.ts'
import { oneServerOfFile } from './harness/serversOfFile.ts'

const { servers, server, copy: forest } = await oneServerOfFile('forest')

it('S5: a login with a ticket takes the seat and publishes the presence of its character', async () => {
  const ann = await servers.holder('Ann')
  const player = await servers.enter(ann, forest)
  expect(await player.live()).toMatchObject({ map: 'forest', copy: 'forest-1', server: server.name, entity: ann.entity, epoch: 1, lastInput: 0, tickRate: 20 })
  await player.until('sees itself', () => player.seen.get(ann.entity))
  expect(await servers.seat(forest, ann)).toBe('taken')
  await until('presence', async () => (await servers.directory.presence([ann.character])).get(ann.character)?.copy === 'forest-1')
  await player.room.leave()
  expect(await servers.seat(forest, ann)).toBeUndefined()
  expect((await servers.directory.presence([ann.character])).size).toBe(0)
  // The next login continues from the saved state.
  const claim = await servers.store.claim(ann.character, { copy: 'x', server: 'x' })
  expect(claim).toMatchObject({ epoch: 2, stateVersion: DEMO_STATE_VERSION, state: { game: { map: 'forest' } } })
})

it('a notice from the directory reaches the player of its character, and nobody else', async () => {
  const [asked, other] = [await servers.holder('Asked Ann'), await servers.holder('Other Ann')]
  const [player, bystander] = [await servers.enter(asked, forest), await servers.enter(other, forest)]
  const notice = { about: 'follow', from: { character: 'leader', name: 'Leader' }, map: 'hills', until: Date.now() + 30_000 } as const
  await servers.directory.tellServer({ type: 'tellPlayer', server: server.name, character: asked.character, notice })
  expect(await player.message(control.notice)).toEqual(notice)
  await servers.directory.tellServer({ type: 'tellPlayer', server: server.name, character: other.character, notice: { about: 'changed', topics: ['party'] } })
  expect(await bystander.message(control.notice)).toEqual({ about: 'changed', topics: ['party'] })
  await Promise.all([player.room.leave(), bystander.room.leave()])
})

it('S5: refuses a forged, expired or reused ticket, and one for another or an unknown copy, each with its code', async () => {
  const bob = await servers.holder('Bob')
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const body = { id: 'forged', holder: bob, copy: forest.id, expires: Date.now() + 10_000 }
  const join = (ticket: unknown, copy = forest.id): Promise<string> =>
    Player.join(server.address, copy, ticket as string).then(
      () => 'let in',
      (error: Error) => error.message.split(':')[0] ?? '',
    )
  expect(await join(await signTicket(body, privateKey))).toBe('TICKET_INVALID')
  expect(await join('garbage')).toBe('TICKET_INVALID')
  expect(await join({ not: 'text' })).toBe('BAD_REQUEST')
  expect(await join(await signTicket({ ...body, expires: Date.now() - 60_000 }, servers.key))).toBe('TICKET_EXPIRED')
  expect(await join(await signTicket({ ...body, copy: 'nowhere' }, servers.key))).toBe('COPY_UNKNOWN')
  expect(await join(await signTicket({ ...body, id: 'no seat' }, servers.key))).toBe('SEAT_EXPIRED')
  await servers.open('forest', 'forest-2', server)
  expect(await join(await servers.ticket(bob, forest), 'forest-2')).toBe('TICKET_WRONG_COPY')
  const ticket = await servers.ticket(bob, forest)
  const player = await Player.join(server.address, forest.id, ticket)
  await player.live()
  expect(await join(ticket)).toBe('TICKET_USED')
  expect(player.closed).toBeUndefined()
  await player.room.leave()
})

it('S1: a second login of the same character replaces the first and keeps its unsaved state', async () => {
  const cyd = await servers.holder('Cyd')
  const first = await servers.enter(cyd, forest)
  first.room.send(control.input, { seq: 1, data: { dx: 1, dy: 0 } })
  await first.message(control.ack)
  const start = await first.until('sees itself', () => first.seen.get(cyd.entity)?.x)
  const x = await first.until('walks', () => (first.seen.get(cyd.entity)?.x ?? start) > start + 3 && first.seen.get(cyd.entity)?.x)
  const second = await servers.enter(cyd, forest)
  expect(await first.until('is closed', () => first.closed)).toBe(4140)
  expect(await second.live()).toMatchObject({ epoch: 2, lastInput: 0 })
  expect((await second.until('sees itself', () => second.seen.get(cyd.entity))).x).toBeGreaterThanOrEqual(x)
  await second.room.leave()
})

it('X1: a client cannot make its character walk faster than the speed of the game', async () => {
  const joe = await servers.holder('Joe')
  await servers.place(joe, { map: 'forest', x: 0, y: 100 })
  const player = await servers.enter(joe, forest)
  const here = (): { x: number; y: number } => player.seen.get(joe.entity) ?? { x: 0, y: 100 }
  await player.until('sees itself', () => player.seen.has(joe.entity))
  const began = performance.now()
  for (let seq = 1; seq <= 100; seq++) player.room.send(control.input, { seq, data: { dx: 1, dy: 1 } })
  await player.until('walks', () => here().x > 6)
  const seconds = (performance.now() - began) / 1000
  const speed = Math.hypot(here().x, here().y - 100) / seconds
  expect(speed).toBeLessThan(7)
  expect(speed).toBeGreaterThan(4)
  player.room.send(control.input, { seq: 101, data: { dx: 5, dy: 0 } })
  expect(await player.until('is cut off', () => player.closed)).toBe(4151)
})

it('S2: a server disconnects a character that was claimed elsewhere and does not save it any more', async () => {
  const dee = await servers.holder('Dee')
  const player = await servers.enter(dee, forest)
  const elsewhere = { copy: 'other', server: 'other-server' }
  const { epoch } = await servers.store.claim(dee.character, elsewhere)
  await servers.store.save(
    dee.character,
    epoch,
    { lastInput: 0, game: { map: 'town', x: 1, y: 2, heading: 0, walk: { dx: 0, dy: 0 }, items: { water: 7 } } },
    1,
  )
  // No event reaches this server; it detects the newer epoch when it saves.
  expect(await player.until('is disconnected', () => player.closed, 9_000)).toBe(4140)
  expect(await servers.store.claim(dee.character, elsewhere)).toMatchObject({ state: { game: { items: { water: 7 } } } })
  await until('the seat is free', async () => (await servers.seat(forest, dee)) === undefined)
})

it('S1: a server disconnects a character at once when the directory reports it live elsewhere', async () => {
  const eve = await servers.holder('Eve')
  const player = await servers.enter(eve, forest)
  await servers.directory.setPresence({ character: eve.character, map: 'hills', copy: 'hills-9', server: 'other', epoch: 2 })
  expect(await player.until('is disconnected', () => player.closed, 2_000)).toBe(4140)
})

it('D2: a client that reconnects gets the body that it left', async () => {
  const [fay, gus] = [await servers.holder('Fay'), await servers.holder('Gus')]
  await Promise.all([servers.place(fay, { map: 'forest', x: 10, y: 10 }), servers.place(gus, { map: 'forest', x: 20, y: 10 })])
  const [first, watcher] = [await servers.enter(fay, forest), await servers.enter(gus, forest)]
  await watcher.until('sees Fay', () => watcher.seen.get(fay.entity))
  first.room.connection.close(3_000)
  const second = await servers.enter(fay, forest)
  expect(await second.live()).toMatchObject({ epoch: 3 })
  expect(watcher.vanished).not.toContain(fay.entity)
  await second.room.leave()
  await watcher.until('Fay has left', () => watcher.vanished.includes(fay.entity))
  await watcher.room.leave()
})

it('X1: chat reaches players in sight; gathering requires a resource in reach, takes time and happens once', async () => {
  const [hal, ida] = [await servers.holder('Hal'), await servers.holder('Ida')]
  const [node, far] = resourceNodes('forest')
  if (node === undefined || far === undefined) throw new Error('no resources in the forest')
  await Promise.all([servers.place(hal, { map: 'forest', x: node.x + 1, y: node.y }), servers.place(ida, { map: 'forest', x: node.x, y: node.y + 20 })])
  const [player, other] = [await servers.enter(hal, forest), await servers.enter(ida, forest)]
  await other.until('sees Hal', () => other.seen.get(hal.entity))
  player.room.send('chat', { text: 'hello' })
  expect(await other.message('chat')).toEqual({ from: hal.entity, name: 'Hal', text: 'hello' })
  for (const id of [far.id, 17, node.id, node.id]) player.room.send('gather', { node: id })
  expect(await player.message('gathered')).toEqual({ node: node.id, item: 'wood', count: 1 })
  const refused = player.messages.filter(({ type }) => type === 'refused').map(({ data }) => (data as { reason: string }).reason)
  expect(refused).toEqual(['too far away', 'there is nothing like that here', 'it has to grow back first'])
  expect(player.messages.filter(({ type }) => type === 'gathered')).toHaveLength(1)
  await Promise.all([player.room.leave(), other.room.leave()])
})

it('a client repeats a join over a new connection when the first one gets no answer', async () => {
  const jay = await servers.holder('Jay')
  await using proxy = await startTcpProxy(server.address, { lost: 1 })
  const link = await connectRoom({ address: proxy.url, copy: forest.id, ticket: await servers.ticket(jay, forest) })
  const live = Promise.withResolvers<unknown>()
  link.listen({
    message: (type, data) => {
      if (type === control.live) live.resolve(data)
    },
    closed: (code) => live.reject(new Error(`closed with ${code}`)),
  })
  expect(await live.promise).toMatchObject({ copy: forest.id, entity: jay.entity })
  expect(proxy.connections()).toBeGreaterThan(1)
  await link.leave()
})

it('a join without any answer fails with the retryable error UNREACHABLE', async () => {
  const kim = await servers.holder('Kim')
  await using proxy = await startTcpProxy(server.address, { lost: Number.POSITIVE_INFINITY })
  const ticket = await servers.ticket(kim, forest)
  await expect(connectRoom({ address: proxy.url, copy: forest.id, ticket })).rejects.toMatchObject({ code: 'UNREACHABLE', retryable: true })
})
