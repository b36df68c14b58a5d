import { afterAll, beforeAll, expect, it } from 'vitest'
import { letGo } from '../../directory/letGo.ts'
import { resourceNodes } from '../../gameserver/demo/maps.ts'
import type { Copy } from '../../model/copy.ts'
import { catalogue } from '../../model/errors.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { control } from '../../model/wire/room.ts'
import { Player } from './harness/player.ts'
import { type Served, Servers, until } from './harness/servers.ts'

type OpenCopy = Copy & { state: 'open' }

let servers: Servers
let first: Served
let here: OpenCopy
let there: OpenCopy

beforeAll(async () => {
  servers = await Servers.start()
  const [one, other] = [await servers.server(), await servers.server()]
  first = one
  here = await servers.open('forest', 'forest-here', one)
  there = await servers.open('forest', 'forest-there', other)
})
afterAll(async () => {
  await servers[Symbol.asyncDispose]()
})

const presenceOf = async ({ character }: SeatHolder) => (await servers.directory.presence([character])).get(character)
const listedIn = (holder: SeatHolder, copy: OpenCopy) => until('presence', async () => (await presenceOf(holder))?.copy === copy.id)

/** Enters `here` and walks some metres, which no periodic save has written yet. Returns how far. */
async function walked(holder: SeatHolder): Promise<{ player: Player; x: number }> {
  await servers.place(holder, { map: 'forest', x: 0, y: 100 })
  const player = await servers.enter(holder, here)
  await listedIn(holder, here)
  player.room.send(control.input, { seq: 1, data: { dx: 1, dy: 0 } })
  const x = await player.until('walks', () => (player.seen.get(holder.entity)?.x ?? 0) > 4 && player.seen.get(holder.entity)?.x)
  return { player, x: Number(x) }
}

async function timed<T>(work: Promise<T>): Promise<{ answer: T; ms: number }> {
  const began = performance.now()
  return { answer: await work, ms: performance.now() - began }
}

it('D2: a login at another server continues with what the first server had not saved yet, and the first client is closed', async () => {
  const ann = await servers.holder('Ann')
  const { player, x } = await walked(ann)
  const { answer: second, ms } = await timed(servers.enter(ann, there))
  expect((await second.until('sees itself', () => second.seen.get(ann.entity))).x).toBeGreaterThanOrEqual(x)
  expect(await second.live()).toMatchObject({ epoch: 3, copy: there.id })
  expect(ms).toBeLessThan(1_000)
  expect(await player.until('is closed', () => player.closed)).toBe(catalogue.LIVE_ELSEWHERE.close)
  await until('the seat is free', async () => (await servers.seat(here, ann)) === undefined)
  await second.room.leave()
})

it('D2: the body of a player whose connection dropped is saved, too, before a login at another server', async () => {
  const bob = await servers.holder('Bob')
  const { player, x } = await walked(bob)
  player.room.connection.close(3_000)
  const second = await servers.enter(bob, there)
  expect((await second.until('sees itself', () => second.seen.get(bob.entity))).x).toBeGreaterThanOrEqual(x)
  await second.room.leave()
})

it('M3: a busy character stays where it is: a login elsewhere is refused and changes nothing, a login to its copy does not wait', async () => {
  const cyd = await servers.holder('Cyd')
  const [node] = resourceNodes('forest')
  if (node === undefined) throw new Error('no resources in the forest')
  await servers.place(cyd, { map: 'forest', x: node.x + 1, y: node.y })
  const player = await servers.enter(cyd, here)
  await listedIn(cyd, here)
  await player.until('sees itself', () => player.seen.get(cyd.entity))
  player.room.send('gather', { node: node.id })
  await player.until('gathers', () => (player.seen.get(cyd.entity)?.flags ?? 0) !== 0)
  await expect(Player.join(there.address, there.id, await servers.ticket(cyd, there))).rejects.toThrow(/^CHARACTER_BUSY: .*"forest".* up to 20 s/)
  expect(await servers.seat(there, cyd)).toBeUndefined()
  // A matchmaker asks the same for another character of the account.
  const forAnother = (ask: string) => letGo(servers.directory, cyd.character, { ask, mayStay: () => false })
  const answer = await forAnother('first')
  expect(answer).toMatchObject({ is: 'busy', at: { copy: here.id } })
  expect(player.closed).toBeUndefined()
  const { answer: again, ms } = await timed(servers.enter(cyd, here))
  expect(await again.live()).toMatchObject({ copy: here.id })
  expect(ms).toBeLessThan(500)
  expect(await again.message('gathered')).toMatchObject({ node: node.id })
  const elsewhere = await servers.enter(cyd, there)
  expect(await elsewhere.live()).toMatchObject({ self: { items: { wood: 1 } } })
  expect(await forAnother('second')).toEqual({ is: 'gone' })
  expect(await elsewhere.until('is closed', () => elsewhere.closed)).toBe(catalogue.LIVE_ELSEWHERE.close)
})

it('D2: a paused server delays a login elsewhere by 1.5 s at most, and loses the character when it goes on', async () => {
  const dee = await servers.holder('Dee')
  const { player } = await walked(dee)
  first.process.kill('SIGSTOP')
  try {
    const { answer: second, ms } = await timed(servers.enter(dee, there))
    expect(ms).toBeGreaterThan(1_400)
    expect(ms).toBeLessThan(2_500)
    first.process.kill('SIGCONT')
    expect(await player.until('is closed', () => player.closed)).toBe(catalogue.LIVE_ELSEWHERE.close)
    expect((await presenceOf(dee))?.copy).toBe(there.id)
    await second.room.leave()
  } finally {
    first.process.kill('SIGCONT')
  }
})

it('D2: a login does not wait for a server that was restarted and has nothing of the character', async () => {
  const eve = await servers.holder('Eve')
  const { epoch } = await servers.store.claim(eve.character, { copy: here.id, server: first.name })
  for (const copy of [here.id, 'a copy of the earlier process']) {
    await servers.directory.setPresence({ character: eve.character, map: 'forest', copy, server: first.name, epoch })
    const { answer: player, ms } = await timed(servers.enter(eve, there))
    expect(ms).toBeLessThan(1_000)
    await player.room.leave()
  }
})
