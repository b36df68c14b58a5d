import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FLAG } from '../../gameserver/demo/flags.ts'
import { resourceNodes } from '../../gameserver/demo/maps.ts'
import type { Copy } from '../../model/copy.ts'
import type { MoveOutcome } from '../../model/move.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { control, type GoMessage, type LiveMessage, type OfferMessage, type StayMessage } from '../../model/wire/room.ts'
import type { RoomState } from '../../model/wire/roomState.ts'
import { orderMove, type TestMove } from './harness/moves.ts'
import { Player } from './harness/player.ts'
import { type Served, Servers, until } from './harness/servers.ts'

async function connected(url: string): Promise<AsyncDisposable & { client: pg.Client }> {
  const client = new pg.Client(url)
  await client.connect()
  return { client, [Symbol.asyncDispose]: () => client.end() }
}

type Open = Copy & { state: 'open' }
let servers: Servers
let [a, b]: [Served, Served] = [] as never
let [source, target, town]: [Open, Open, Open] = [] as never
const outcomes = new Map<string, MoveOutcome>()
const watching = new AbortController()

beforeAll(async () => {
  servers = await Servers.start()
  ;[a, b] = await Promise.all([servers.server(), servers.server()])
  ;[source, target, town] = await Promise.all([servers.open('forest', 'forest-a', a), servers.open('forest', 'forest-b', b), servers.open('town', 'town-b', b)])
  const events = await servers.directory.watch(watching.signal)
  void (async () => {
    for await (const event of events) if (event.type === 'moveSettled') outcomes.set(event.outcome.id, event.outcome)
  })()
})
afterAll(async () => {
  watching.abort()
  await servers[Symbol.asyncDispose]()
})

const order = (holders: SeatHolder[], to: Open, how: Partial<TestMove> = {}): Promise<string> => orderMove(servers, { holders, from: source, to, ...how })

/** Joins the destination on standby and reports `arrived`, as a client does after an offer. */
async function standBy(player: Player): Promise<{ offer: OfferMessage; there: Player }> {
  const offer = await player.message<OfferMessage>(control.offer)
  const there = await Player.join(offer.address, offer.copy, offer.ticket)
  player.room.send(control.arrived, { move: offer.move })
  return { offer, there }
}
async function go(player: Player, there: Player): Promise<{ go: GoMessage; live: LiveMessage }> {
  const message = await player.message<GoMessage>(control.go)
  there.room.send(control.activate, { move: message.move, epoch: message.epoch })
  return { go: message, live: await there.live() }
}
/** Longest pause in ms that counts as no pause: far above what a move takes (`bench move`), so that a busy machine does not fail the test; far below a reconnect. */
const PAUSE_MS = 1_500
const outcome = (id: string, timeoutMs = 8_000): Promise<MoveOutcome> => until('the move is settled', async () => outcomes.get(id), timeoutMs)
const walker = async (name: string, x: number): Promise<SeatHolder> => {
  const holder = await servers.holder(name)
  await servers.place(holder, { map: 'forest', x, y: 0 })
  return holder
}

const stateOf = ({ room }: Player): RoomState => room.state as RoomState // the server's classes have these fields
const rosterIs = (player: Player, ...wanted: string[]) =>
  player.until(
    `the roster is ${wanted.join()}`,
    () =>
      [...stateOf(player).roster.values()]
        .map(({ name }) => name)
        .sort()
        .join() === wanted.join(),
    20_000,
  )

describe('a move between two processes', () => {
  it('M5: a walking party keeps its ids and positions, and each input is applied once', async () => {
    const [ann, ben] = [await walker('Ann', 0), await walker('Ben', 5)]
    const watcher = await servers.enter(await walker('Watcher', 10), source)
    const players = [await servers.enter(ann, source), await servers.enter(ben, source)] as const
    players[0].room.send(control.input, { seq: 1, data: { dx: 0, dy: 1 } })
    await players[0].message(control.ack)
    await watcher.until('sees both', () => watcher.seen.has(ann.entity) && watcher.seen.has(ben.entity))
    const id = await order([ann, ben], target)
    const [one, two] = await Promise.all(players.map(standBy))
    if (one === undefined || two === undefined) throw new Error('two stand by')
    expect(one.offer).toMatchObject({ move: id, cause: 'merge', copy: target.id, companions: [ben.entity] })
    expect(await servers.seat(target, ann)).toBe('held')
    const [first] = await Promise.all([go(players[0], one.there), go(players[1], two.there)])
    // Inputs from the gap, sent to B after `activate`, including one that A has already applied.
    for (const seq of [1, 2]) one.there.room.send(control.input, { seq, data: { dx: 0, dy: -1 } })
    expect(first.live).toMatchObject({ copy: target.id, server: b.name, entity: ann.entity, epoch: first.go.epoch + 1, lastInput: first.go.lastInput })
    expect(first.go.lastInput).toBe(1)
    expect(one.there.at(control.live) - players[0].at(control.go)).toBeLessThan(PAUSE_MS)
    const before = players[0].seen.get(ann.entity)
    const after = await one.there.until('sees itself', () => one.there.seen.get(ann.entity))
    expect(Math.hypot(after.x - (before?.x ?? 0), after.y - (before?.y ?? 0))).toBeLessThan(3)
    await one.there.until('Ben is beside her', () => one.there.seen.has(ben.entity))
    expect(await one.there.message(control.ack)).toEqual({ lastInput: 2 })
    expect(one.there.vanished).toEqual([])
    expect(players[0].vanished).toEqual([])
    await watcher.until('others see them go', () => watcher.vanished.includes(ann.entity) && watcher.vanished.includes(ben.entity))
    expect(await outcome(id)).toEqual({ id, cause: 'merge', members: 2, state: 'done' })
    expect(await until('the seat in A is free', async () => (await servers.seat(source, ann)) === undefined)).toBe(true)
    expect(await servers.seat(target, ann)).toBe('taken')
    expect((await servers.directory.presence([ann.character])).get(ann.character)).toMatchObject({ copy: target.id, epoch: first.live.epoch })
    await Promise.all([...players, one.there, two.there, watcher].map(({ room }) => room.leave()))
  })

  it('V1, V2: a moved character is in the roster of A until it is released, and in that of B when it is live there', async () => {
    const [ava, bo, cy, di] = [await walker('Ava', 0), await walker('Bo', 0), await walker('Cy', 0), await walker('Di', 0)]
    for (const { character } of [ava, bo, cy, di]) await servers.store.accounts.describeCharacter(character, { settings: { presence: 'everyone' } })
    const [inA, player, inB] = [await servers.enter(bo, source), await servers.enter(ava, source), await servers.enter(cy, target)]
    await rosterIs(inA, 'Ava', 'Bo')
    await order([ava], target)
    const { there } = await standBy(player)
    // B has looked at its clients again when it lists another newcomer.
    const newcomer = await servers.enter(di, target)
    await rosterIs(inB, 'Cy', 'Di')
    await rosterIs(there, 'Cy', 'Di')
    expect(stateOf(there).own).toBeUndefined()
    await go(player, there)
    await rosterIs(inB, 'Ava', 'Cy', 'Di')
    await there.until('has its own character', () => stateOf(there).own?.get(String(ava.entity))?.name === 'Ava')
    await rosterIs(inA, 'Bo')
    await Promise.all([inA, player, there, inB, newcomer].map(({ room }) => room.leave()))
  })

  it('S5: with what the mailbox of a server shows, no client of another server can join as the moved character', async () => {
    const eve = await walker('Eve', 40)
    const player = await servers.enter(eve, source)
    const id = await order([eve], target)
    const offer = await player.message<OfferMessage>(control.offer)
    const read = (await servers.directory.movesFor(a.name)).find((one) => one.id === id)?.members[0]
    expect(read).toMatchObject({ character: eve.character, ticket: expect.stringMatching(/^sealed\./) })
    await expect(Player.join(target.address, target.id, read?.ticket ?? '')).rejects.toThrow(/^TICKET_INVALID/)
    const there = await Player.join(offer.address, offer.copy, offer.ticket)
    player.room.send(control.arrived, { move: id })
    await go(player, there)
    expect(await outcome(id)).toMatchObject({ state: 'done' })
    await Promise.all([player.room.leave(), there.room.leave()])
  })

  it('M5: A sends a snapshot when it freezes a party, even if nothing has changed since the last one', async () => {
    const hermit = await walker('Hermit', 200)
    const player = await servers.enter(hermit, source)
    await player.until('a quiet scene', () => performance.now() - player.snapshotAt > 120)
    await order([hermit], target)
    const { there } = await standBy(player)
    await go(player, there)
    expect(player.messages.find(({ type }) => type === control.hold)).toMatchObject({ afterSnapshot: true })
    await Promise.all([player.room.leave(), there.room.leave()])
  })

  it('M5: during the gap other entities move on, and neither the player nor a companion vanishes', async () => {
    const [mae, ned, oda] = [await walker('Mae', 60), await walker('Ned', 65), await walker('Oda', 70)]
    const stays = await servers.enter(oda, source)
    const [player, other] = [await servers.enter(mae, source), await servers.enter(ned, source)]
    await player.until('sees all three', () => [mae, ned, oda].every(({ entity }) => player.seen.has(entity)))
    const id = await order([mae, ned], target)
    const [one, two] = [await standBy(player), await standBy(other)]
    await Promise.all([player.message(control.go), other.message(control.go)])
    // Released and not claimed yet: no server has the two bodies.
    expect(await player.message(control.hold)).toEqual({ move: id })
    stays.room.send(control.input, { seq: 1, data: { dx: 0, dy: 1 } })
    await player.until('sees Oda walk away', () => (player.seen.get(oda.entity)?.y ?? 0) > 0.5)
    expect([mae, ned].every(({ entity }) => player.seen.has(entity))).toBe(true)
    await Promise.all([go(player, one.there), go(other, two.there)])
    expect(one.there.at(control.live) - player.snapshotAt).toBeLessThan(PAUSE_MS)
    expect(player.vanished).toEqual([])
    expect(await outcome(id)).toMatchObject({ state: 'done', members: 2 })
    await Promise.all([player, other, one.there, two.there, stays].map(({ room }) => room.leave()))
  })

  it('S1: a character that travels to another map keeps its state', async () => {
    const cyd = await walker('Cyd', 0)
    const player = await servers.enter(cyd, source)
    const id = await order([cyd], town, { cause: 'travel' })
    const { there } = await standBy(player)
    const { live } = await go(player, there)
    expect(live).toMatchObject({ map: 'town', copy: town.id, self: { items: {} } })
    expect(await outcome(id)).toMatchObject({ state: 'done' })
    await Promise.all([player.room.leave(), there.room.leave()])
  })

  it('M2: when a member declines, the whole party plays on in A and the seats in B are given back', async () => {
    const [dee, eli] = [await walker('Dee', 0), await walker('Eli', 5)]
    const [player, other] = [await servers.enter(dee, source), await servers.enter(eli, source)]
    const id = await order([dee, eli], target)
    const { there } = await standBy(player)
    const offer = await other.message<OfferMessage>(control.offer)
    other.room.send(control.declined, { move: offer.move, reason: 'cannot reach it' })
    expect(await player.message<StayMessage>(control.stay)).toMatchObject({ move: id, lastInput: 0 })
    expect(await outcome(id)).toMatchObject({ state: 'failed', reason: 'declined: cannot reach it' })
    player.room.send(control.input, { seq: 1, data: { dx: 1, dy: 0 } })
    expect(await player.message(control.ack)).toEqual({ lastInput: 1 })
    await there.room.leave()
    await until('the seats in B are free', async () => (await servers.seat(target, dee)) === undefined && (await servers.seat(target, eli)) === undefined)
    await Promise.all([player.room.leave(), other.room.leave()])
  })

  it('P1: a second order of the same party to the same copy is refused and the first keeps its seats', async () => {
    const [kim, lou] = [await walker('Kim', 0), await walker('Lou', 5)]
    const [first, second] = [await servers.enter(kim, source), await servers.enter(lou, source)]
    const move = await order([kim, lou], target, { cause: 'travel' })
    const ahead = await standBy(first)
    expect(await outcome(await order([kim, lou], target, { cause: 'travel' }))).toMatchObject({ state: 'cancelled' })
    const behind = await standBy(second)
    await Promise.all([go(first, ahead.there), go(second, behind.there)])
    expect(await outcome(move)).toMatchObject({ state: 'done', members: 2 })
    for (const { there } of [ahead, behind]) await there.room.leave()
  })

  it('M2: a member who disconnects before the release cancels the move', async () => {
    const [fay, gus] = [await walker('Fay', 0), await walker('Gus', 5)]
    const [player, other] = [await servers.enter(fay, source), await servers.enter(gus, source)]
    const id = await order([fay, gus], target)
    await standBy(player)
    other.room.connection.close(3_000)
    expect(await outcome(id)).toMatchObject({ state: 'cancelled' })
    await player.message(control.stay)
    await player.room.leave()
  })

  it('S1: a member that B does not claim is claimed back by A and plays on there', async () => {
    const hal = await walker('Hal', 0)
    const player = await servers.enter(hal, source)
    const id = await order([hal], target)
    const { there } = await standBy(player)
    const { epoch } = await player.message<GoMessage>(control.go)
    // The client never activates.
    expect(await player.message<StayMessage>(control.stay, 8_000)).toMatchObject({ move: id })
    expect(await outcome(id)).toMatchObject({ state: 'reclaimed' })
    // Activating now is too late: A has raised the epoch.
    there.room.send(control.activate, { move: id, epoch })
    expect([4114, 4140]).toContain(await there.until('is refused', () => there.closed))
    player.room.send(control.input, { seq: 1, data: { dx: 1, dy: 0 } })
    expect(await player.message(control.ack)).toEqual({ lastInput: 1 })
    expect((await servers.directory.presence([hal.character])).get(hal.character)).toMatchObject({ copy: source.id, epoch: epoch + 1 })
    await player.room.leave()
  })

  it('M2: when the database loses a release in a crash, the player plays on in A at the same epoch', async () => {
    const ida = await walker('Ida', 20)
    const player = await servers.enter(ida, source)
    const id = await order([ida], target)
    const { there } = await standBy(player)
    const { epoch } = await player.message<GoMessage>(control.go)
    await using owner = await connected(servers.ownerUrl)
    // The row as it was before the release, which did not reach the disk.
    const lost = `UPDATE characters SET moving = NULL, moving_to = NULL, live_copy = $1, live_server = $2 WHERE id = $3 AND epoch = $4 AND moving = $5`
    expect((await owner.client.query(lost, [source.id, source.server, ida.character, epoch, id])).rowCount).toBe(1)
    there.room.send(control.activate, { move: id, epoch })
    expect(await there.until('is refused', () => there.closed)).toBe(4140)
    player.room.send(control.declined, { move: id, reason: 'B refused' })
    expect(await player.message<StayMessage>(control.stay, 8_000)).toMatchObject({ move: id })
    expect(await outcome(id)).toMatchObject({ state: 'reclaimed' })
    player.room.send(control.input, { seq: 1, data: { dx: 1, dy: 0 } })
    expect(await player.message(control.ack)).toEqual({ lastInput: 1 })
    expect((await servers.directory.presence([ida.character])).get(ida.character)).toMatchObject({ copy: source.id, epoch })
    await player.room.leave()
  })

  it('C2: a client that never says that it has arrived is saved and disconnected past the deadline of a drain, and can enter again', async () => {
    const mute = await walker('Mute', 40)
    const player = await servers.enter(mute, source)
    const id = await order([mute], target, { cause: 'drain', deadlineMs: 0 })
    await player.message(control.offer)
    expect(await player.until('is rescued', () => player.closed, 15_000)).toBe(4146)
    expect(await outcome(id)).toMatchObject({ state: 'failed' })
    await until('the seat is free', async () => (await servers.seat(source, mute)) === undefined)
    const again = await servers.enter(mute, target)
    expect(await again.live()).toMatchObject({ copy: target.id })
    await again.room.leave()
  })

  it('a player in a corner of three maps gets notice of the other border while a move over the first one is pending', async () => {
    const [hills, marsh] = await Promise.all([servers.open('hills', 'hills-b', b), servers.open('marsh', 'marsh-b', b)])
    const cora = await servers.holder('Cora')
    await servers.place(cora, { map: 'forest', x: 295, y: 280 })
    const player = await servers.enter(cora, source)
    const notices = (): unknown[] => player.messages.filter(({ type }) => type === control.border).map(({ data }) => (data as { map: string }).map)
    expect(await player.message(control.border)).toEqual({ map: 'hills' })
    const over = await order([cora], hills, { cause: 'border', deadlineMs: 60_000, holdMs: 65_000 })
    const { there } = await standBy(player)
    player.room.send(control.input, { seq: 1, data: { dx: 0, dy: 1 } })
    await player.until('notice of the marsh', () => notices().includes('marsh'), 8_000)
    await order([cora], marsh, { cause: 'border', deadlineMs: 60_000, holdMs: 65_000 })
    expect(await outcome(over)).toMatchObject({ state: 'cancelled' })
    await there.room.leave()
    const offer = await player.until('the offer', () =>
      player.messages.map(({ data }) => data as OfferMessage).find(({ copy, ticket }) => copy === marsh.id && ticket !== undefined),
    )
    const second = await Player.join(offer.address, offer.copy, offer.ticket)
    player.room.send(control.arrived, { move: offer.move })
    const crossed = await player.until(
      'go',
      () => player.messages.map(({ data }) => data as GoMessage).find(({ epoch, move }) => epoch !== undefined && move === offer.move),
      10_000,
    )
    second.room.send(control.activate, { move: offer.move, epoch: crossed.epoch })
    expect(await second.live()).toMatchObject({ copy: marsh.id })
    await second.room.leave()
  })

  it('a player who leaves in the middle of a deed keeps the body until the deed is done, also when the socket closes', async () => {
    const [node] = resourceNodes('forest')
    if (node === undefined) throw new Error('no resources in the forest')
    for (const closes of [false, true]) {
      const quitter = await servers.holder('Quitter')
      await servers.place(quitter, { map: 'forest', x: node.x + 1, y: node.y })
      const player = await servers.enter(quitter, target)
      player.room.send('gather', { node: node.id })
      await player.until('gathers', () => player.seen.get(quitter.entity)?.flags === FLAG.gathering)
      const began = performance.now()
      const left = player.room.leave()
      if (closes) player.room.connection.close()
      await new Promise((resolve) => setTimeout(resolve, 400))
      expect(await servers.seat(target, quitter)).toBe('taken')
      await left
      await until('the seat is free', async () => (await servers.seat(target, quitter)) === undefined)
      expect(performance.now() - began).toBeGreaterThan(700)
      // A gathered resource grows back after 10 s.
      if (!closes) await new Promise((resolve) => setTimeout(resolve, 11_000))
    }
  }, 40_000)

  it('S5: a ticket for a move admits to standby only', async () => {
    const ida = await walker('Ida', 0)
    const player = await servers.enter(ida, source)
    const there = await Player.join(target.address, target.id, await servers.ticket(ida, target, { move: 'no such move' }))
    there.room.send(control.activate, { move: 'no such move', epoch: (await player.live()).epoch })
    expect(await there.until('is refused', () => there.closed)).toBe(4140)
    there.room.removeAllListeners()
    expect(player.closed).toBeUndefined()
    await player.room.leave()
  })

  it('M3: a player who gathers is moved after the gathering is done', async () => {
    const jon = await servers.holder('Jon')
    const node = resourceNodes('forest')[3]
    if (node === undefined) throw new Error('no resource')
    await servers.place(jon, { map: 'forest', x: node.x, y: node.y })
    const player = await servers.enter(jon, source)
    player.room.send('gather', { node: node.id })
    const id = await order([jon], target)
    const { there } = await standBy(player)
    await player.message('gathered')
    const { live } = await go(player, there)
    expect(player.at(control.go)).toBeGreaterThanOrEqual(player.at('gathered'))
    expect(live.self).toMatchObject({ items: { wood: 1 } })
    expect(await outcome(id)).toMatchObject({ state: 'done' })
    await Promise.all([player.room.leave(), there.room.leave()])
  })
})
