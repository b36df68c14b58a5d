import type { V1Pod } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Crowd } from './world/crowd.ts'
import { get, kubectl, kubectlWith } from './world/kubectl.ts'
import { until } from './world/until.ts'
import { canBeBroken, MAPS, WorldUnderTest } from './world/worldUnderTest.ts'

const MINUTE = 60_000

/** A map without players, for so many copies. */
function arena(min: number): string {
  const spec = { fleet: 'overworld', capacity: { soft: 10, hard: 10 }, copies: { min, max: 20, warm: 0 }, merge: { minAge: '5s' } }
  return JSON.stringify({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: 'arena' }, spec })
}

describe.skipIf(!canBeBroken)('the whole of it in a cluster, from the manifests', () => {
  let world: WorldUnderTest
  beforeAll(async () => {
    world = await WorldUnderTest.start()
  }, 3 * MINUTE)
  afterAll(() => world?.[Symbol.asyncDispose](), 2 * MINUTE)

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
      await expect(kubectl('auth', 'can-i', 'delete', 'pods', '--as=system:serviceaccount:strata:strata-orchestrator')).rejects.toThrow()
    },
    3 * MINUTE,
  )

  it('kubectl get mappolicies reads like a dashboard, and events stand at the object', async () => {
    const [head = '', ...rows] = (await kubectl('get', 'mp')).trim().split('\n')
    expect(head.split(/\s+/)).toEqual(['NAME', 'PLAYERS', 'COPIES', 'CLOSING', 'LINE', 'SOFT', 'HARD', 'FLEET', 'ACCEPTED', 'READY', 'AGE'])
    expect(rows).toHaveLength(MAPS.length)
    for (const row of rows) expect(row).toMatch(/^\w+ +\d+ +\d+ +\d+ +\d+ +\d+ +\d+ +overworld +True +True/)
    expect(await kubectl('describe', 'mp', 'forest')).toContain('CopyOpening')
  })

  it(
    'D4: a policy that the API server let through and that cannot be changes nothing, and is told at the object',
    async () => {
      const before = (await world.policies()).find(({ metadata }) => metadata?.name === 'marsh')?.status?.policyVersion
      const events = [{ name: 'feast', schedule: 'whenever', expect: '+50%' }]
      await kubectl('patch', 'mp', 'marsh', '--type=merge', '-p', JSON.stringify({ spec: { events } }))
      await until('refused', async () => (await kubectl('get', 'mp', 'marsh')).includes('False'), MINUTE)
      const described = await kubectl('describe', 'mp', 'marsh')
      expect(described).toContain('PolicyRefused')
      expect(described).toContain('write five cron fields')
      expect((await world.policies()).find(({ metadata }) => metadata?.name === 'marsh')?.status?.policyVersion).toBe(before)
      expect((await world.status()).maps.find(({ map }) => map === 'marsh')).toMatchObject({
        policyVersion: before,
        policyError: expect.stringContaining('schedule'),
      })
      await kubectl('patch', 'mp', 'marsh', '--type=merge', '-p', JSON.stringify({ spec: { events: [] } }))
      await world.untilSettled()
    },
    3 * MINUTE,
  )

  it(
    'autoscaler webhook: replicas follow the plan within 5 s, and back down; no server with a copy is cut',
    async () => {
      const before = (await world.fleet()).spec.replicas ?? 0
      await kubectlWith(arena(14), 'apply', '-f', '-')
      const tookMs = await until('more replicas', async () => ((await world.fleet()).spec.replicas ?? 0) >= before + 2, MINUTE, 50)
      await until(
        'all copies open',
        async () => (await world.status()).copies.filter(({ map, state }) => map === 'arena' && state === 'open').length === 14,
        2 * MINUTE,
      )
      await kubectlWith(arena(0), 'apply', '-f', '-')
      await until('none left', async () => (await world.status()).copies.every(({ map }) => map !== 'arena'), 2 * MINUTE)
      await until('as many replicas as before', async () => (await world.fleet()).spec.replicas === before, 3 * MINUTE)
      expect(await world.lostCopies()).toBe(0)
      await kubectl('delete', 'mp', 'arena')
      expect(tookMs).toBeLessThan(5_000)
    },
    8 * MINUTE,
  )

  it(
    '100 bots enter, copies split and, when most have left, merge',
    async () => {
      const merged = (await world.status()).totals.copiesMerged
      await using few = new Crowd(world.matchmaker, 'Rest', 20, 'forest')
      {
        await using many = new Crowd(world.matchmaker, 'Guest', 80, 'forest')
        await until('everybody in the world', () => few.online + many.online === 100, MINUTE)
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
