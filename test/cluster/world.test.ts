import type { V1Pod } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Crowd } from './world/crowd.ts'
import { get, kubectl } from './world/kubectl.ts'
import { until } from './world/until.ts'
import { MAPS, pidOf, WorldUnderTest } from './world/worldUnderTest.ts'

const here = process.env['STRATA_CLUSTER_CONTROL']
const MINUTE = 60_000

// Processes are killed and the API server stopped: that needs the cluster that setup.ts starts.
describe.skipIf(here === undefined)('the whole of it in a cluster, from the manifests', () => {
  let world: WorldUnderTest
  beforeAll(async () => {
    world = await WorldUnderTest.start()
  }, 3 * MINUTE)
  afterAll(() => world?.[Symbol.asyncDispose](), MINUTE)

  it(
    'opens the copies that the policies want, on Allocated servers, under the account with the least rights',
    async () => {
      await world.untilSettled()
      const { copies } = await world.status()
      expect(new Set(copies.map(({ map }) => map))).toEqual(new Set(MAPS))
      const allocated = (await world.servers()).filter(({ status }) => status.state === 'Allocated').map(({ metadata }) => metadata.name)
      for (const { server } of copies) expect(allocated).toContain(server)
      const pod = await get<V1Pod>('pod', (await world.leader())?.pod ?? '')
      expect(pod.spec?.serviceAccountName).toBe('strata-orchestrator')
      await expect(kubectl('auth', 'can-i', 'delete', 'pods', `--as=system:serviceaccount:strata:strata-orchestrator`)).rejects.toThrow()
      const table = await kubectl('get', 'mp')
      expect(table.split('\n')[0]?.split(/\s+/)).toEqual(expect.arrayContaining(['NAME', 'PLAYERS', 'COPIES', 'LINE', 'ACCEPTED', 'READY']))
      expect(await kubectl('describe', 'mp', 'forest')).toContain('CopyOpening')
    },
    3 * MINUTE,
  )

  it(
    '100 bots enter, copies split and, when most have left, merge',
    async () => {
      const merged = (await world.status()).totals.copiesMerged
      await using few = new Crowd(world.matchmaker, 'Rest', 20, 'forest')
      {
        await using many = new Crowd(world.matchmaker, 'Guest', 80, 'forest')
        await until('everybody in the world', () => few.online + many.online === 100, MINUTE)
        expect(many.copies.size + few.copies.size).toBeGreaterThan(1)
        await until(
          'several copies',
          async () => (await world.status()).copies.filter(({ map, state }) => map === 'forest' && state === 'open').length >= 3,
          MINUTE,
        )
        expect(many.sightings.kicked + few.sightings.kicked).toBe(0)
      }
      await until('one copy for those who stay', () => few.copies.size === 1, 2 * MINUTE)
      expect((await world.status()).totals.copiesMerged).toBeGreaterThan(merged)
      expect(few.online).toBe(20)
      expect(few.sightings.kicked).toBe(0)
    },
    5 * MINUTE,
  )
})
void pidOf
