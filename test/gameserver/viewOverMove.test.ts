import { afterAll, beforeAll, expect, it } from 'vitest'
import { MatchmakerHttp } from '../../client/api/http.ts'
import { PlacementApi } from '../../client/api/placementApi.ts'
import type { MovedEvent, World as PlayedWorld, Pose, Predict } from '../../client/index.ts'
import { connectRoom } from '../../client/room/roomLink.ts'
import { World } from '../../client/world.ts'
import { SPEED } from '../../gameserver/demo/movement.ts'
import { walkPrediction } from '../../gameserver/demo/prediction.ts'
import type { Copy } from '../../model/copy.ts'
import { defined } from '../../model/defined.ts'
import { type EntityId, FIRST_THING } from '../../model/ids.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import { orderMove } from './harness/moves.ts'
import { type Served, Servers, until } from './harness/servers.ts'

type Open = Copy & { state: 'open' }
let servers: Servers
let [a, b]: [Served, Served] = [] as never
let [source, target]: [Open, Open] = [] as never

beforeAll(async () => {
  servers = await Servers.start()
  ;[a, b] = await Promise.all([servers.server(), servers.server()])
  ;[source, target] = await Promise.all([servers.open('forest', 'forest-a', a), servers.open('forest', 'forest-b', b)])
})
afterAll(() => servers[Symbol.asyncDispose]())

async function walker(name: string, y: number): Promise<SeatHolder> {
  const holder = await servers.holder(name)
  await servers.place(holder, { map: 'forest', x: 0, y })
  return holder
}

/** Enters with the real SDK, without a matchmaker. */
async function play(holder: SeatHolder, predict?: Predict<Pose, unknown>): Promise<PlayedWorld> {
  const seat = { address: source.address, copy: source.id, map: source.map, ticket: await servers.ticket(holder, source), expires: 0 }
  // Nobody listens at port 9: the test makes no call to the matchmaker.
  const api = new PlacementApi(new MatchmakerHttp('http://127.0.0.1:9', undefined))
  return World.enter(seat, defined({ api, connect: connectRoom, protocol: PROTOCOL_VERSION, predict }))
}

interface Frame {
  now: number
  shown: Map<EntityId, { x: number; y: number; object: unknown }>
}

/** Draws frames as a screen does, until stopped. */
function draw(world: PlayedWorld): { frames: Frame[]; stop: () => void } {
  const frames: Frame[] = []
  const timer = setInterval(() => {
    const now = performance.now()
    frames.push({ now, shown: new Map([...world.sample(now)].map(([id, object]) => [id, { x: object.x, y: object.y, object }])) })
  }, 8)
  return { frames, stop: () => clearInterval(timer) }
}

/** The largest distance that an entity made in one frame beyond what it may: its way at the fastest pace, and a correction. */
function largestJump(frames: readonly Frame[], id: EntityId): number {
  const steps = frames.slice(1).map(({ now, shown }, index) => {
    const [from, to, before] = [frames[index]?.shown.get(id), shown.get(id), frames[index]?.now ?? now]
    if (from === undefined || to === undefined) return 0
    return Math.hypot(to.x - from.x, to.y - from.y) - (5 * SPEED * (now - before)) / 1_000
  })
  return Math.max(...steps)
}

it.each([
  ['with prediction', walkPrediction as unknown as Predict<Pose, unknown>],
  ['without prediction', undefined],
])('M6: while a walking party is moved to another server, its members and the things around never blink and never jump, %s', async (how, predict) => {
  const [ann, ben] = [await walker(`Ann ${how}`, 0), await walker(`Ben ${how}`, 4)]
  const worlds = [await play(ann, predict), await play(ben, predict)] as const
  const moved = Promise.all(worlds.map((world) => new Promise<MovedEvent>((resolve) => world.on('moved', resolve))))
  const { frames, stop } = draw(worlds[0])
  const walking = setInterval(() => {
    for (const world of worlds) world.input({ dx: 1, dy: 0 })
  }, 30)
  const seen = (id: EntityId) => frames.at(-1)?.shown.get(id)
  await until('both are shown walking', async () => [ann, ben].every(({ entity }) => (seen(entity)?.x ?? 0) > 2), 15_000)
  const [first, things] = [frames.length, [...worlds[0].entities.keys()].filter((id) => id >= FIRST_THING)]
  const objects = [ann, ben].map(({ entity }) => seen(entity)?.object)
  await orderMove(servers, { holders: [ann, ben], from: source, to: target })
  await moved
  const at = worlds.map((world) => world.entities.get(world.self)?.x ?? 0)
  await until('both walk on', async () => [ann, ben].every(({ entity }, index) => (seen(entity)?.x ?? 0) > (at[index] ?? 0) + 4), 15_000)
  clearInterval(walking)
  for (const world of worlds) world.input({ dx: 0, dy: 0 })
  const rests = (id: EntityId) => {
    const [shown, said] = [seen(id), worlds[0].entities.get(id)]
    return shown !== undefined && said !== undefined && Math.hypot(shown.x - said.x, shown.y - said.y) < 0.02
  }
  await until('both are shown where the server says', async () => rests(ann.entity) && rests(ben.entity), 15_000)
  stop()
  expect(worlds.map(({ copy }) => copy)).toEqual([target.id, target.id])
  const during = frames.slice(first)
  for (const { entity } of [ann, ben]) {
    expect(during.every(({ shown }) => shown.has(entity))).toBe(true)
    expect(largestJump(during, entity)).toBeLessThan(0.3)
  }
  expect([ann, ben].map(({ entity }) => seen(entity)?.object)).toEqual(objects)
  // Those that are in sight from where the party arrived.
  const stillNear = things.filter((id) => worlds[0].entities.has(id))
  expect(stillNear.length).toBeGreaterThan(0)
  for (const id of stillNear) expect(during.every(({ shown }) => shown.has(id))).toBe(true)
  await until('the round trip is measured', async () => worlds[0].lag.roundTripMs !== undefined, 15_000)
  expect(worlds[0].lag).toMatchObject({ delayMs: expect.any(Number), snapshotMs: expect.any(Number) })
  for (const world of worlds) await world.leave()
})
