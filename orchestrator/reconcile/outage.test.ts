import { expect, it } from 'vitest'
import { SERVER_LOST_AFTER_MS } from '../../model/server.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { plan } from '../plan/plan.ts'
import { policy, World } from './testing/world.ts'

/** Servers beat and the leader looks, once a second. */
async function seconds(world: World, count: number, silent: (server: string) => boolean = () => false): Promise<void> {
  for (let second = 0; second < count; second++) {
    await world.serversWork(silent)
    await world.round(1_000)
  }
}

it('D1: after an outage in which no server could be heard none is taken to be lost; one that stays silent is', async () => {
  const world = await World.of(new MemoryFleets({ overworld: { replicas: 3, rooms: 4 } }), [policy('forest', { copies: { min: 1 } })], plan)
  await seconds(world, 3)
  const copies = await world.copies()
  expect(copies).toMatchObject([{ state: 'open' }])
  // The directory was away, or the leader stopped: the last beats are old, and so they are for the leader's first look.
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
