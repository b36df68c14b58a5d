import { join, resolve } from 'node:path'
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fleet } from './standin/objects.ts'
import { Crowd } from './world/crowd.ts'
import { kubectl, kubectlWith } from './world/kubectl.ts'
import { get } from './world/read.ts'
import { until } from './world/until.ts'
import { canBeBroken, MAPS, WorldUnderTest } from './world/worldUnderTest.ts'

const MINUTE = 60_000
const root = resolve(import.meta.dirname, '../..')

/** A map without players, for so many copies. */
function arena(min: number): string {
  const spec = { fleet: 'overworld', capacity: { soft: 10, hard: 10 }, copies: { min, max: 60, warm: 0 }, merge: { minAge: '5s' } }
  return JSON.stringify({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: 'arena' }, spec })
}

/** What stands there as `overworld`, under another name. */
async function beside(kind: 'fleet' | 'fleetautoscaler', name: string): Promise<string> {
  const { apiVersion, spec, ...object } = await get<KubernetesObject & { spec: { replicas?: number; fleetName?: string } }>(kind, 'overworld')
  const { replicas: _replicas, ...rest } = spec
  return JSON.stringify({ apiVersion, kind: object.kind, metadata: { name }, spec: { ...rest, ...(kind === 'fleetautoscaler' ? { fleetName: name } : {}) } })
}

describe.skipIf(!canBeBroken)('the whole of it in a cluster, from the manifests', () => {
  let world: WorldUnderTest
  beforeAll(async () => {
    world = await WorldUnderTest.start()
  }, 6 * MINUTE)
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
    6 * MINUTE,
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
      const marsh = async () => (await world.policies()).find(({ metadata }) => metadata?.name === 'marsh')
      const before = (await marsh())?.status?.policyVersion
      // As a CRD of an older release would be: without the rules over several fields.
      const rules = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations'
      await kubectl('patch', 'crd', 'mappolicies.strata.dev', '--type=json', '-p', JSON.stringify([{ op: 'remove', path: rules }]))
      const soften = (soft: number) => kubectl('patch', 'mp', 'marsh', '--type=merge', '-p', JSON.stringify({ spec: { capacity: { soft } } }))
      const spec = (await marsh())?.spec as { capacity: { soft: number } } | undefined // as the schema has it
      const soft = spec?.capacity.soft ?? 0
      await until('the API server lets it through', async () => (await soften(500)).includes('patched'), MINUTE)
      await until('refused', async () => (await kubectl('get', 'mp', 'marsh')).includes('False'), MINUTE)
      await until('told', async () => (await kubectl('describe', 'mp', 'marsh')).includes('PolicyRefused'), MINUTE)
      expect(await kubectl('describe', 'mp', 'marsh')).toMatch(/spec\.capacity\.soft: must not be above capacity\.hard.*goes on/)
      expect((await marsh())?.status?.policyVersion).toBe(before)
      // Whichever is asked: the one that leads has told it, the other hears of it when it does.
      const known = async () => (await world.status()).maps.find(({ map }) => map === 'marsh')
      await until('told in the status', async () => (await known())?.policyError?.includes('soft'), MINUTE)
      expect((await known())?.policyVersion).toBe(before)
      // A process that starts now has never seen the good one, but for what stands at the object.
      const { pod = '', pid } = (await world.leader()) ?? {}
      await kubectl('delete', 'pod', pod, '--wait=false')
      await until('a new one beside the other', async () => (await world.orchestrators()).filter((one) => one.pid !== pid).length === 2, MINUTE)
      for (const { url } of await world.orchestrators()) {
        await until('it knows the good one', async () => (await (await fetch(`${url}/v1/status`)).text()).includes(`"policyVersion":"${before}"`), MINUTE)
      }
      await soften(soft)
      await kubectl('apply', '-f', join(root, 'k8s/base/crd.mappolicy.yaml'))
      await world.untilSettled()
    },
    4 * MINUTE,
  )

  it(
    'autoscaler webhook: replicas follow the plan within 5 s, and back down; no server with a copy is cut',
    async () => {
      const allocated = async () => (await world.servers()).filter(({ status }) => status.state === 'Allocated').length
      const replicas = async () => (await world.fleet()).spec.replicas ?? 0
      await until('no more than the allocated ones and one', async () => (await replicas()) === (await allocated()) + 1, 3 * MINUTE)
      const before = await replicas()
      const { servers, copies } = await world.status()
      const free = servers.filter(({ state }) => state === 'Allocated').reduce((sum, { rooms }) => sum + rooms, 0) - copies.length
      const count = free + 7 // more than one server has rooms for
      await kubectlWith(arena(count), 'apply', '-f', '-')
      const tookMs = await until('two more replicas', async () => (await replicas()) >= before + 2, MINUTE, 50)
      await until(
        'all open',
        async () => (await world.status()).copies.filter(({ map, state }) => map === 'arena' && state === 'open').length === count,
        2 * MINUTE,
      )
      await kubectlWith(arena(0), 'apply', '-f', '-')
      await until('none left', async () => (await world.status()).copies.every(({ map }) => map !== 'arena'), 4 * MINUTE)
      await until('as many replicas as before', async () => (await replicas()) === before, 3 * MINUTE)
      expect(await world.lostCopies()).toBe(0)
      await kubectl('delete', 'mp', 'arena')
      expect(tookMs).toBeLessThan(5_000)
    },
    12 * MINUTE,
  )

  it(
    'a fleet whose maps may sleep has no server until somebody wants in, and none again when the last one has left',
    async () => {
      // Another fleet of the same servers, sized by the same webhook.
      await kubectlWith(await beside('fleet', 'cellars'), 'apply', '-f', '-')
      await kubectlWith(await beside('fleetautoscaler', 'cellars'), 'apply', '-f', '-')
      const spec = { fleet: 'cellars', capacity: { soft: 10, hard: 10 }, copies: { min: 0, max: 4, warm: 0 }, merge: { minAge: '5s' } }
      const policy = { apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: 'cellar' }, spec }
      await kubectlWith(JSON.stringify(policy), 'apply', '-f', '-')
      const fleet = () => get<Fleet>('fleet', 'cellars')
      const asleep = async (): Promise<boolean> => ((await fleet()).spec.replicas ?? 0) === 0 && ((await fleet()).status?.replicas ?? 0) === 0
      await until('the map is Ready without a copy', async () => /cellars +True +True/.test(await kubectl('get', 'mp', 'cellar')), MINUTE)
      expect(await asleep()).toBe(true)
      {
        await using crowd = new Crowd(world.matchmaker, 'Miner', 3, 'cellar')
        await until('everybody in the world, from nothing', () => crowd.online === 3, 2 * MINUTE)
        expect((await fleet()).status?.allocatedReplicas).toBe(1)
        await until('their server and a spare one', async () => (await fleet()).spec.replicas === 2, MINUTE)
        expect(crowd.sightings.kicked).toBe(0)
      }
      await until('asleep again', asleep, 4 * MINUTE)
      await using late = new Crowd(world.matchmaker, 'Baker', 1, 'cellar')
      await until('woken once more', () => late.online === 1, 2 * MINUTE)
      await late[Symbol.asyncDispose]()
      for (const [kind, name] of [
        ['mp', 'cellar'],
        ['fleetautoscaler', 'cellars'],
        ['fleet', 'cellars'],
      ] as const)
        await kubectl('delete', kind, name)
    },
    11 * MINUTE,
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
      // Some have walked over the border meanwhile: what counts is the map.
      await until('one copy for those who stay', async () => (await world.status()).copies.filter(({ map }) => map === 'forest').length === 1, 7 * MINUTE)
      expect((await world.status()).totals.copiesMerged).toBeGreaterThan(merged)
      expect(few.online).toBe(20)
      expect(few.sightings.kicked).toBe(0)
    },
    11 * MINUTE,
  )
})
