import { expect, it } from 'vitest'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { plan } from '../plan/plan.ts'
import { policy, World } from './testing/world.ts'

/** The reconciler with the real planner, in virtual time. */
const world = (replicas: number, spec: Record<string, unknown> = {}) =>
  // A short lead time, so that the forecast has no influence.
  World.of(new MemoryFleets({ overworld: { replicas, rooms: 2 } }), [policy('forest', { open: { leadTime: '1s' }, ...spec })], plan)

async function seconds(of: World, count: number, each: () => Promise<void> = async () => {}): Promise<void> {
  for (let second = 0; second < count; second++) {
    await of.serversWork()
    await each()
    await of.round(1_000)
  }
}
const states = async (of: World) => (await of.copies()).map(({ state }) => state)

it('C5: an empty world gets its minimum of copies, and then nothing changes', async () => {
  const w = await world(2, { copies: { min: 2, warm: 0 } })
  await seconds(w, 5)
  expect(await states(w)).toEqual(['open', 'open'])
  w.decided()
  const calls = w.fleets.calls.length
  await seconds(w, 30)
  expect(await states(w)).toEqual(['open', 'open'])
  expect(w.decided()).toEqual([])
  expect(w.fleets.calls.slice(calls).filter((call) => !call.startsWith('scale'))).toEqual([])
})

it('scales the fleet up when no server has a free room, and opens the copy on the new server', async () => {
  const w = await world(0, { copies: { min: 3, warm: 0 } })
  await seconds(w, 6)
  expect(await states(w)).toEqual(['open', 'open', 'open'])
  expect(w.fleets.servers.size).toBeGreaterThanOrEqual(2)
})

it('D2: the copy of a dead server is lost, its players can enter again, and another copy opens', async () => {
  const w = await world(2, { copies: { min: 1, warm: 0 } })
  await seconds(w, 3)
  const [copy] = await w.copies()
  if (copy === undefined) throw new Error('no copy')
  await w.enter(copy, ['ada', 'bob'])
  w.fleets.kill(copy.server)
  await seconds(w, 8)
  expect((await w.copies()).map(({ id, state }) => [id === copy.id, state])).toEqual([[false, 'open']])
  expect(await w.directory.presence(['ada', 'bob'])).toEqual(new Map())
  expect(w.decisions.map(({ kind }) => kind)).toContain('lost')
})

it('draining a server opens a replacement, closes its copy, and orders moves for all players', async () => {
  const w = await world(3, { copies: { min: 1, warm: 0 } })
  await seconds(w, 3)
  const [copy] = await w.copies()
  if (copy === undefined) throw new Error('no copy')
  await w.enter(copy, ['ada', 'bob'], 'p')
  await w.enter(copy, ['eve'])
  await w.fleets.drain(copy.server, AbortSignal.timeout(100))
  await seconds(w, 5)
  const orders = await w.directory.movesFor(copy.server)
  expect(orders.map(({ cause, members }) => [cause, members.map(({ character }) => character)])).toEqual([
    ['drain', ['ada', 'bob']],
    ['drain', ['eve']],
  ])
  const copies = await w.copies()
  expect(copies.find(({ id }) => id === copy.id)).toMatchObject({ state: 'closing', reason: 'drain', successors: [expect.any(String)] })
  expect(copies.filter(({ id }) => id !== copy.id).every(({ state, server }) => state === 'open' && server !== copy.server)).toBe(true)
})
