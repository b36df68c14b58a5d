import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Everything } from '../model/wire/entities/testing/everything.ts'
import { control, type LiveMessage, type OfferMessage, SNAPSHOT } from '../model/wire/room.ts'
import { MatchmakerHttp } from './api/http.ts'
import { PlacementApi } from './api/placementApi.ts'
import type { ChatResult } from './room/chatLine.ts'
import type { RoomListeners } from './room/roomLink.ts'
import { World } from './world.ts'
import type { FollowOffer, MovedEvent } from './worldEvents.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const ME = 7
/** Stands in for the room of one copy; sends what the test says. */
class Room {
  readonly #copy: string
  readonly #world = new Everything()
  readonly #connected = Promise.withResolvers<void>()
  #listeners: RoomListeners | undefined

  constructor(copy: string) {
    this.#copy = copy
  }
  readonly sent: { type: string; data: { id: string } }[] = []
  /** Whether the server answers pings. */
  answers = true
  readonly link = {
    send: (type: string, data: unknown) => this.sent.push({ type, data: data as { id: string } }),
    listen: (listeners: RoomListeners) => {
      this.#listeners = listeners
      this.#connected.resolve()
    },
    leave: async () => undefined,
    ping: (answered: (ms: number) => void): void => {
      if (this.answers) answered(1)
    },
    state: undefined as { info: { copy: string } } | undefined,
  }
  /** The server's slow state arrives or changes. */
  async patch(): Promise<void> {
    this.link.state ??= { info: { copy: this.#copy } }
    await this.#connected.promise
    this.#listeners?.stateChanged?.()
  }

  async close(code: number): Promise<void> {
    await this.#connected.promise
    this.#listeners?.closed(code)
  }

  async send(type: string, data: unknown): Promise<void> {
    await this.#connected.promise
    this.#listeners?.message(type, data)
  }
  snapshot(full = false): Promise<void> {
    if (full) {
      this.#world.reset()
      this.#world.table.add({ id: ME, x: 0, y: 0, heading: 0, flags: 0, kind: 0, name: 'Ann' }, 1)
    }
    return this.send(SNAPSHOT, this.#world.snapshot(1))
  }
  async live(): Promise<void> {
    const live: LiveMessage = { map: 'forest', copy: this.#copy, server: 's', entity: ME, epoch: 1, lastInput: 0, tickRate: 20, self: {} }
    await this.send(control.live, live)
    await this.snapshot(true)
  }
}

async function inA(): Promise<{ a: Room; b: Room; world: World; moves: MovedEvent[] }> {
  const rooms = { a: new Room('a'), b: new Room('b') }
  const entering = World.enter(
    { address: 'ws://a', copy: 'a', map: 'forest', ticket: 'first', expires: 0 },
    { api: new PlacementApi(new MatchmakerHttp('http://127.0.0.1:9', undefined)), connect: async ({ copy }) => rooms[copy as 'a' | 'b'].link, protocol: 1 },
  )
  await rooms.a.live()
  const [world, moves] = [await entering, [] as MovedEvent[]]
  world.on('moved', (move) => moves.push(move))
  return { ...rooms, world, moves }
}
const offer: OfferMessage = { move: 'm', cause: 'merge', map: 'forest', copy: 'b', address: 'ws://b', ticket: 'second', companions: [] }

it('M5: a move reports the gap between snapshots and the time in which no server moved the body', async () => {
  const { a, b, moves } = await inA()
  await a.send(control.offer, offer)
  await vi.advanceTimersByTimeAsync(1_000)
  await a.snapshot()
  await a.send(control.hold, { move: 'm' })
  await vi.advanceTimersByTimeAsync(60)
  await a.snapshot()
  await a.send(control.go, { move: 'm', epoch: 1, lastInput: 0 })
  await vi.advanceTimersByTimeAsync(100)
  await a.snapshot()
  await vi.advanceTimersByTimeAsync(30)
  await b.live()
  expect(moves).toMatchObject([{ move: 'm', gapMs: 30, heldMs: 190 }])
})

it('M5: a hold that ended without a move does not count for the next move', async () => {
  const { a, b, moves } = await inA()
  await a.send(control.offer, offer)
  await vi.advanceTimersByTimeAsync(10)
  await a.send(control.hold, { move: 'm' })
  await a.send(control.stay, { move: 'm', reason: 'a member went live elsewhere', lastInput: 0 })
  await vi.advanceTimersByTimeAsync(5_000)
  await a.send(control.offer, { ...offer, move: 'n' })
  await vi.advanceTimersByTimeAsync(10)
  await a.snapshot()
  // A server of an older version sends no `hold`.
  await a.send(control.go, { move: 'n', epoch: 2, lastInput: 0 })
  await vi.advanceTimersByTimeAsync(40)
  await b.live()
  expect(moves).toMatchObject([{ move: 'n', gapMs: 40, heldMs: 40 }])
})

it('D2: a server that sends nothing and answers no ping for five seconds is lost, and the client enters again; one that answers is not', async () => {
  const { a, world } = await inA()
  const causes: string[] = []
  world.on('reconnecting', ({ cause }) => void causes.push(cause.code))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(causes).toEqual([])
  a.answers = false
  await vi.advanceTimersByTimeAsync(4_900)
  await a.snapshot()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(causes).toEqual([])
  await vi.advanceTimersByTimeAsync(1_500)
  expect(causes[0]).toBe('UNREACHABLE')
  expect(world.closed).toBe(false)
  await world.leave()
})

it('an offer to follow is answered by a travel to the member, until it has ended', async () => {
  const { a, world } = await inA()
  const offers: FollowOffer[] = []
  world.on('followOffer', (followOffer) => offers.push(followOffer))
  const wishes: unknown[] = []
  world.travel = async (wish) => {
    wishes.push(wish)
    return {} as MovedEvent
  }
  await a.send(control.notice, { about: 'follow', from: { character: 'ann', name: 'Ann' }, map: 'hills', until: 1 })
  await offers[0]?.accept()
  expect(wishes).toEqual([{ friend: 'ann' }])
  await vi.advanceTimersByTimeAsync(30_001)
  await expect(offers[0]?.accept()).rejects.toMatchObject({ code: 'MOVE_FAILED', retryable: false })
})

it('T1: over a move each chat message is shown once and in order, and one without an answer is sent to the next server with the same id', async () => {
  const { a, b, world } = await inA()
  const shown: string[] = []
  world.on('chat', ({ text }) => shown.push(text))
  const chat = (room: Room, number: number): Promise<void> =>
    room.send(control.chat, { id: `bob:${number}`, channel: 'map', from: { character: 'bob', name: 'Bob' }, text: String(number), at: number })
  await chat(a, 1)
  await a.send(control.offer, offer)
  await vi.advanceTimersByTimeAsync(10)
  for (const number of [2, 3]) await chat(b, number) // on standby: B is in the channel before A leaves it
  await chat(a, 2)
  const results: ChatResult[] = []
  void world.say('map', 'hello').then((result) => results.push(result))
  await a.send(control.go, { move: 'm', epoch: 1, lastInput: 0 })
  expect(shown).toEqual(['1', '2'])
  await b.live()
  await chat(b, 3)
  await chat(b, 4)
  expect(shown).toEqual(['1', '2', '3', '4'])
  const said = (room: Room) => room.sent.filter(({ type }) => type === control.say)
  expect(said(b)).toEqual(said(a))
  expect(said(b)).toHaveLength(1)
  await b.send(control.said, { id: said(b)[0]?.data.id })
  await vi.advanceTimersByTimeAsync(0)
  expect(results).toEqual([{ delivered: true }])
})

it('the slow state is that of the copy where the player is: B’s takes effect when the character goes live there, and the last one stays while the client reconnects', async () => {
  const { a, b, world } = await inA()
  expect(world.state).toBeUndefined()
  const copies: unknown[] = []
  world.on('state', ({ info }) => copies.push(info.copy))
  await a.patch()
  await a.patch()
  await a.send(control.offer, offer)
  await vi.advanceTimersByTimeAsync(10)
  await b.patch()
  expect(world.state?.info.copy).toBe('a')
  await a.send(control.go, { move: 'm', epoch: 1, lastInput: 0 })
  await b.live()
  expect(world.state?.info.copy).toBe('b')
  await a.patch()
  await b.patch()
  await b.close(1006)
  expect(world.state?.info.copy).toBe('b')
  expect(copies).toEqual(['a', 'a', 'b', 'b'])
  await world.leave()
})
