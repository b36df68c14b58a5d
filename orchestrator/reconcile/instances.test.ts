import { expect, it } from 'vitest'
import { defined } from '../../model/defined.ts'
import type { InstanceKey } from '../../model/ids.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { plan } from '../plan/plan.ts'
import { policy, World } from './testing/world.ts'

/** Instances with the real planner: opened for parties in line, kept for a party that comes back, closed after `instance.closeAfter`. */
const world = (spec: Record<string, unknown> = {}) =>
  World.of(new MemoryFleets({ overworld: { replicas: 2, rooms: 4 } }), [policy('cave', { kind: 'instance', instance: { closeAfter: '30s' }, ...spec })], plan)

async function seconds(of: World, count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    await of.serversWork()
    await of.round(1_000)
  }
}
const member = (party: string): SeatHolder => ({ character: `member of ${party}`, entity: 1, name: party, language: 'en', party })

async function waits(of: World, party: string, instanceKey?: InstanceKey): Promise<void> {
  const now = of.clock.now()
  const place = { id: party, map: 'cave', rank: 0, arrived: now, holders: [member(party)], keepUntil: now + 60_000, ...defined({ instanceKey }) }
  await of.directory.joinLine(place, 100)
  of.clock.advance(1)
}

/** Does what the matchmaker does when it promotes the party, and the game server when it admits it. */
async function enters(of: World, party: string): Promise<void> {
  const copy = (await of.directory.snapshot('cave')).copies.find((one) => one.party === party && one.state === 'open')
  if (copy === undefined) throw new Error(`there is no instance for ${party}`)
  const now = of.clock.now()
  await of.directory.leaveLine('cave', party)
  await of.directory.holdSeats({ map: 'cave', holders: [member(party)], options: [{ copy: copy.id, limit: 5 }], now, deadline: now + 5_000 })
  await of.directory.takeSeat('cave', copy.id, member(party).character, now)
}
const instances = async (of: World) => (await of.directory.snapshot('cave')).copies.map(({ party, state }) => `${party} ${state}`).sort()

it('opens one instance for each party in line, and none without a party', async () => {
  const w = await world()
  await seconds(w, 3)
  expect(await instances(w)).toEqual([])
  await waits(w, 'red')
  await waits(w, 'blue')
  await seconds(w, 4)
  expect(await instances(w)).toEqual(['blue open', 'red open'])
  expect(w.decisions.filter(({ kind }) => kind === 'open').map(({ inputs }) => inputs['party'])).toEqual(['red', 'blue'])
  await seconds(w, 10)
  expect(await instances(w)).toEqual(['blue open', 'red open'])
})

it('C5: a party that waits while its instance opens gets only one', async () => {
  const w = await world()
  await waits(w, 'red')
  for (let n = 0; n < 5; n++) await w.round(100)
  expect(await instances(w)).toEqual(['red opening'])
})

it('opens at most max instances, and the other parties keep waiting', async () => {
  const w = await world({ copies: { max: 1 } })
  await waits(w, 'red')
  await waits(w, 'blue')
  await seconds(w, 5)
  expect(await instances(w)).toEqual(['red open'])
})

it('closes an instance that was empty for instance.closeAfter, and not earlier', async () => {
  const w = await world()
  await waits(w, 'red')
  await seconds(w, 3)
  await enters(w, 'red')
  await seconds(w, 120)
  expect(await instances(w)).toEqual(['red open'])
  const [copy] = (await w.directory.snapshot('cave')).copies
  await w.directory.freeSeat('cave', copy?.id ?? '', member('red').character)
  await seconds(w, 25)
  expect(await instances(w)).toEqual(['red open'])
  await waits(w, 'red')
  await enters(w, 'red')
  await seconds(w, 60)
  expect((await w.directory.snapshot('cave')).copies.map(({ id }) => id)).toEqual([copy?.id])
  await w.directory.freeSeat('cave', copy?.id ?? '', member('red').character)
  await seconds(w, 40)
  // Its game server would remove it now.
  expect(await instances(w)).toEqual(['red closing'])
})

it('D2: an instance of a dead server is replaced for the party that waits for it', async () => {
  const w = await world()
  await waits(w, 'red')
  await seconds(w, 3)
  await enters(w, 'red')
  const [before] = (await w.directory.snapshot('cave')).copies
  w.fleets.servers.delete(before?.server ?? '')
  await waits(w, 'red')
  await seconds(w, 10)
  const [after] = (await w.directory.snapshot('cave')).copies
  expect(after).toMatchObject({ party: 'red', state: 'open' })
  expect(after?.server).not.toBe(before?.server)
})

it('an empty instance on a draining server is replaced on another server when its party comes back', async () => {
  const w = await world()
  await waits(w, 'red')
  await seconds(w, 3)
  await w.directory.leaveLine('cave', 'red')
  const [before] = (await w.directory.snapshot('cave')).copies
  const server = w.fleets.servers.get(before?.server ?? '')
  if (server === undefined) throw new Error('no server')
  server.overflow = true
  await waits(w, 'red')
  await seconds(w, 4)
  expect((await w.directory.snapshot('cave')).copies.filter(({ state, server: at }) => state === 'open' && at !== before?.server)).toMatchObject([
    { party: 'red' },
  ])
})

it('P5: one instance opens for all who wait with one key; it reopens and is replaced with its key', async () => {
  const w = await world()
  const keys = async () => (await w.directory.snapshot('cave')).copies.map(({ instanceKey, state }) => `${instanceKey} ${state}`).sort()
  // A party whose id is the text of a key has its own.
  await waits(w, 'red', 'guild-1')
  await waits(w, 'blue', 'guild-1')
  await waits(w, 'guild-1')
  await waits(w, 'green', 'guild-2')
  await seconds(w, 5)
  expect(await keys()).toEqual(['guild-1 open', 'guild-2 open', 'undefined open'])
  expect(w.decisions.filter(({ kind }) => kind === 'open').map(({ inputs }) => inputs['instanceKey'])).toEqual(['guild-1', undefined, 'guild-2'])
  for (const place of ['red', 'blue', 'guild-1', 'green']) await w.directory.leaveLine('cave', place)
  await seconds(w, 40)
  expect(await keys()).toEqual(['guild-1 closing', 'guild-2 closing', 'undefined closing'])
  await waits(w, 'blue', 'guild-1')
  await seconds(w, 3)
  expect(await keys()).toEqual(['guild-1 open', 'guild-2 closing', 'undefined closing'])
  const before = (await w.directory.snapshot('cave')).copies.find(({ instanceKey }) => instanceKey === 'guild-1')
  w.fleets.servers.delete(before?.server ?? '')
  await waits(w, 'blue', 'guild-1')
  await seconds(w, 10)
  const after = (await w.directory.snapshot('cave')).copies.filter(({ instanceKey }) => instanceKey === 'guild-1')
  expect(after).toMatchObject([{ state: 'open' }])
  expect(after[0]?.id).not.toBe(before?.id)
})
