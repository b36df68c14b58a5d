import { randomUUID } from 'node:crypto'
import { Client } from '@colyseus/sdk'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MatchmakerHttp } from '../../client/api/http.ts'
import { PlacementApi } from '../../client/api/placementApi.ts'
import { connectRoom } from '../../client/room/roomLink.ts'
import { World } from '../../client/world.ts'
import type { Copy } from '../../model/copy.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import { connectRoom as connectRoom1, World as World1 } from '../fixtures/protocol1/client.js'
import { Servers, until } from './harness/servers.ts'

type Open = Copy & { state: 'open' }
let servers: Servers
let [source, target]: [Open, Open] = [] as never

beforeAll(async () => {
  servers = await Servers.start()
  const [a, b] = await Promise.all([servers.server(), servers.server()])
  ;[source, target] = await Promise.all([servers.open('forest', 'forest-a', a), servers.open('forest', 'forest-b', b)])
})
afterAll(() => servers[Symbol.asyncDispose]())

const api = new PlacementApi(new MatchmakerHttp('http://127.0.0.1:9', undefined))
const seatOf = async (holder: SeatHolder, copy: Open) => ({
  address: copy.address,
  copy: copy.id,
  map: copy.map,
  ticket: await servers.ticket(holder, copy),
  expires: Date.now() + 15_000,
})
const walker = async (name: string, x: number): Promise<SeatHolder> => {
  const holder = await servers.holder(name)
  await servers.place(holder, { map: 'forest', x, y: 0 })
  return holder
}
const placeOf = ({ entities }: { entities: ReadonlyMap<number, Pick<EntityView, 'x' | 'y'>> }, { entity }: SeatHolder) => entities.get(entity)

it('a client of protocol 1 plays beside a new one, and is moved with it to another server', async () => {
  const [old, young] = [await walker('Old', 0), await walker('Young', 3)]
  const before = await World1.enter(await seatOf(old, source), { api, connect: connectRoom1, protocol: 1 })
  const after = await World.enter(await seatOf(young, source), { api, connect: connectRoom, protocol: PROTOCOL_VERSION })
  const worlds = [before, after] as const
  for (const world of worlds) await until('both see both', async () => world.entities.has(old.entity) && world.entities.has(young.entity))
  expect(before.entities.get(young.entity)).toMatchObject({ name: 'Young', kind: 0 })
  const moved: string[] = []
  before.on('moved', ({ to }) => moved.push(to.copy))
  after.on('moved', ({ to }) => moved.push(to.copy))
  for (const world of worlds) world.input({ dx: 0, dy: 1 }, { must: true })
  for (const world of worlds) {
    await until('the inputs are acknowledged', async () => world.inputs.pending === 0)
    for (const holder of [old, young]) await until('both walk', async () => (placeOf(world, holder)?.y ?? 0) > 1)
  }
  for (const world of worlds) world.input({ dx: 0, dy: 0 }, { must: true })
  const sameNow = (): boolean =>
    [old, young].every((holder) => placeOf(before, holder)?.y === placeOf(after, holder)?.y && placeOf(before, holder)?.x === placeOf(after, holder)?.x)
  await until('both clients see the same positions', async () => sameNow())
  await moveBoth([old, young])
  await until('both are moved', async () => moved.length === 2)
  expect(moved).toEqual([target.id, target.id])
  for (const world of worlds) await until('both see both', async () => world.entities.has(old.entity) && world.entities.has(young.entity))
  for (const world of worlds) world.input({ dx: 0, dy: -1 }, { must: true })
  for (const world of worlds) await until('the inputs are acknowledged', async () => world.inputs.pending === 0)
  await Promise.all(worlds.map((world) => world.leave()))
})

async function moveBoth(holders: SeatHolder[]): Promise<void> {
  const [id, now] = [randomUUID(), Date.now()]
  const heldUntil = now + 20_000
  const members = await Promise.all(
    holders.map(async (holder) => ({ character: holder.character, ticket: await servers.ticket(holder, target, { move: id, deadline: heldUntil }) })),
  )
  await servers.orderMove({
    id,
    cause: 'merge',
    members,
    from: { map: source.map, copy: source.id, server: source.server },
    to: { map: target.map, copy: target.id, server: target.server, address: target.address, heldUntil },
    ordered: now,
    deadline: now + 20_000,
  })
}

it('X1: a client of a protocol that the server does not speak is refused', async () => {
  const { address, copy, ticket } = await seatOf(await walker('Future', 9), source)
  await expect(new Client(address).joinById(copy, { ticket, protocol: 99 })).rejects.toThrow('PROTOCOL_UNSUPPORTED')
})
