import { expect, it } from 'vitest'
import { SERVER_LOST_AFTER_MS } from '../../model/server.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { plan } from '../plan/plan.ts'
import { policy, World } from './testing/world.ts'

/** Once a second, the servers report and the leader runs a round. */
async function seconds(world: World, count: number, silent: (server: string) => boolean = () => false): Promise<void> {
  for (let second = 0; second < count; second++) {
    await world.serversWork(silent)
    await world.round(1_000)
  }
}

it('D1: after an outage of the directory no server is taken for lost; a server that stays silent afterwards is lost', async () => {
  const world = await World.of(new MemoryFleets({ overworld: { replicas: 3, rooms: 4 } }), [policy('forest', { copies: { min: 1 } })], plan)
  await seconds(world, 3)
  const copies = await world.copies()
  expect(copies).toMatchObject([{ state: 'open' }])
  // The directory was down or the leader paused, so all reports are old when the next round reads them.
  world.clock.advance(2 * SERVER_LOST_AFTER_MS)
  await world.round()
  expect(await world.copies()).toEqual(copies)
  await seconds(world, 2)
  expect(await world.copies()).toEqual(copies)
  expect(world.decided()).not.toContain('lost')
  const [copy] = copies
  await seconds(world, 1 + SERVER_LOST_AFTER_MS / 1_000, (server) => server === copy?.server)
  await world.round(1_000)
  expect(world.decided()).toContain('lost')
})

it('D2: servers of a lost node are replaced although their fleet still lists them, and get no copies; when they report again, the fleet shrinks', async () => {
  const fleets = new MemoryFleets({ overworld: { replicas: 2, rooms: 4 } })
  const world = await World.of(fleets, [policy('forest', { copies: { min: 1 } })], plan)
  await seconds(world, 3)
  const before = await world.copies()
  const lost = new Set(fleets.servers.keys())
  expect(before).toMatchObject([{ state: 'open', server: [...lost][0] }])
  await seconds(world, 3 + SERVER_LOST_AFTER_MS / 1_000, (server) => lost.has(server))
  const after = await world.copies()
  expect(after).toMatchObject([{ state: 'open' }])
  expect(lost).not.toContain(after[0]?.server)
  // The two lost ones, the one with the copy, and a Ready one.
  expect(fleets.servers.size).toBe(4)
  expect(fleets.calls.filter((call) => call.startsWith('giveBack'))).toEqual([])
  await seconds(world, 90)
  expect(fleets.servers.size).toBe(2)
  expect(await world.copies()).toEqual(after)
})
