import { join, resolve } from 'node:path'
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fleet } from './standin/objects.ts'
import { Crowd } from './world/crowd.ts'
import { kubectl, kubectlWith } from './world/kubectl.ts'
import { get } from './world/read.ts'
import { until } from './world/until.ts'
import { MAPS, mayInjectFaults, WorldUnderTest } from './world/worldUnderTest.ts'

const MINUTE = 60_000
const root = resolve(import.meta.dirname, '../..')

/** A policy for a map without players that keeps `min` copies open. */
function arena(min: number): string {
  const spec = { fleet: 'overworld', capacity: { soft: 10, hard: 10 }, copies: { min, max: 60, warm: 0 }, merge: { minAge: '5s' } }
  return JSON.stringify({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: 'arena' }, spec })
}

/** The manifest of the object `overworld` under another name. */
async function beside(kind: 'fleet' | 'fleetautoscaler', name: string): Promise<string> {
  const { apiVersion, spec, ...object } = await get<KubernetesObject & { spec: { replicas?: number; fleetName?: string } }>(kind, 'overworld')
  const { replicas: _replicas, ...rest } = spec
  return JSON.stringify({ apiVersion, kind: object.kind, metadata: { name }, spec: { ...rest, ...(kind === 'fleetautoscaler' ? { fleetName: name } : {}) } })
}

describe.skipIf(!mayInjectFaults)('the whole system in a cluster, from the manifests', () => {
  let world: WorldUnderTest
  beforeAll(async () => {
    world = await WorldUnderTest.start()
  }, 6 * MINUTE)
  afterAll(() => world?.[Symbol.asyncDispose](), 4 * MINUTE)

  it(
    'opens the copies that the policies ask for, on Allocated servers, with least-privilege service accounts',
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

  it('kubectl get mappolicies shows players, copies and conditions, and kubectl describe shows events', async () => {
    const [head = '', ...rows] = (await kubectl('get', 'mp')).trim().split('\n')
    expect(head.split(/\s+/)).toEqual(['NAME', 'PLAYERS', 'COPIES', 'CLOSING', 'LINE', 'SOFT', 'HARD', 'FLEET', 'ACCEPTED', 'READY', 'AGE'])
    expect(rows).toHaveLength(MAPS.length)
    for (const row of rows) expect(row).toMatch(/^\w+ +\d+ +\d+ +\d+ +\d+ +\d+ +\d+ +overworld +True +True/)
    expect(await kubectl('describe', 'mp', 'forest')).toContain('CopyOpening')
  })

  it(
    'D4: an invalid policy that the API server accepted changes nothing and is reported at the object',
    async () => {
      const marsh = async () => (await world.policies()).find(({ metadata }) => metadata?.name === 'marsh')
      const before = (await marsh())?.status?.policyVersion
      // As with the CRD of an older release: without the rules that compare fields.
      const rules = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations'
      await kubectl('patch', 'crd', 'mappolicies.strata.dev', '--type=json', '-p', JSON.stringify([{ op: 'remove', path: rules }]))
      const soften = (soft: number) => kubectl('patch', 'mp', 'marsh', '--type=merge', '-p', JSON.stringify({ spec: { capacity: { soft } } }))
      const spec = (await marsh())?.spec as { capacity: { soft: number } } | undefined // of the schema's shape
      const soft = spec?.capacity.soft ?? 0
      await until('the API server accepts it', async () => (await soften(500)).includes('patched'), MINUTE)
      await until('refused', async () => (await kubectl('get', 'mp', 'marsh')).includes('False'), MINUTE)
      await until('an event reports it', async () => (await kubectl('describe', 'mp', 'marsh')).includes('PolicyRefused'), MINUTE)
      expect(await kubectl('describe', 'mp', 'marsh')).toMatch(/spec\.capacity\.soft: must not be above capacity\.hard.*stays in force/)
      expect((await marsh())?.status?.policyVersion).toBe(before)
      // Any orchestrator may respond. The leader has reported the error; the other one learns of it from the object's status.
      const known = async () => (await world.status()).maps.find(({ map }) => map === 'marsh')
      await until('the error is in the status', async () => (await known())?.policyError?.includes('soft'), MINUTE)
      expect((await known())?.policyVersion).toBe(before)
      // A process that starts now has never read the last valid policy; it takes it from the object's status.
      const { pod = '', pid } = (await world.leader()) ?? {}
      await kubectl('delete', 'pod', pod, '--wait=false')
      await until('a new orchestrator beside the other', async () => (await world.orchestrators()).filter((one) => one.pid !== pid).length === 2, MINUTE)
      for (const { url } of await world.orchestrators()) {
        await until(
          'it uses the last valid policy',
          async () => (await (await fetch(`${url}/v1/status`)).text()).includes(`"policyVersion":"${before}"`),
          MINUTE,
        )
      }
      await soften(soft)
      await kubectl('apply', '-f', join(root, 'k8s/base/crd.mappolicy.yaml'))
      await world.untilSettled()
    },
    4 * MINUTE,
  )

  it(
    'the autoscaler webhook scales replicas to the plan within 5 s, and down again without removing a server that hosts a copy',
    async () => {
      const allocated = async () => (await world.servers()).filter(({ status }) => status.state === 'Allocated').length
      const replicas = async () => (await world.fleet()).spec.replicas ?? 0
      await until('one replica more than the allocated ones', async () => (await replicas()) === (await allocated()) + 1, 3 * MINUTE)
      const before = await replicas()
      const { servers, copies } = await world.status()
      const free = servers.filter(({ state }) => state === 'Allocated').reduce((sum, { rooms }) => sum + rooms, 0) - copies.length
      const count = free + 7 // more copies than one server has rooms
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
    'a fleet whose maps may have no copies has no server until a player enters, and none again after the last one has left',
    async () => {
      // A second fleet with the same template, sized by the same webhook.
      await kubectlWith(await beside('fleet', 'cellars'), 'apply', '-f', '-')
      await kubectlWith(await beside('fleetautoscaler', 'cellars'), 'apply', '-f', '-')
      const spec = { fleet: 'cellars', capacity: { soft: 10, hard: 10 }, copies: { min: 0, max: 4, warm: 0 }, merge: { minAge: '5s' } }
      const policy = { apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: 'cellar' }, spec }
      await kubectlWith(JSON.stringify(policy), 'apply', '-f', '-')
      const fleet = () => get<Fleet>('fleet', 'cellars')
      const scaledToZero = async (): Promise<boolean> => ((await fleet()).spec.replicas ?? 0) === 0 && ((await fleet()).status?.replicas ?? 0) === 0
      await until('the map is Ready without a copy', async () => /cellars +True +True/.test(await kubectl('get', 'mp', 'cellar')), MINUTE)
      expect(await scaledToZero()).toBe(true)
      {
        await using crowd = new Crowd(world.matchmaker, 'Miner', 3, 'cellar')
        await until('all players in the world, from no server', () => crowd.online === 3, 2 * MINUTE)
        expect((await fleet()).status?.allocatedReplicas).toBe(1)
        await until('their server and a spare server', async () => (await fleet()).spec.replicas === 2, MINUTE)
        expect(crowd.stats.kicked).toBe(0)
      }
      await until('scaled to zero again', scaledToZero, 4 * MINUTE)
      await using late = new Crowd(world.matchmaker, 'Baker', 1, 'cellar')
      await until('a server is started again', () => late.online === 1, 2 * MINUTE)
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
    'a map with a fallback fleet opens its copies there while the first fleet gets no servers, and in the first when it has one',
    async () => {
      // Without an autoscaler nobody starts its servers.
      await kubectlWith(await beside('fleet', 'spot'), 'apply', '-f', '-')
      const quarry = (min: number, fallback: string): string => {
        const fallbackFleets = [{ fleet: fallback, after: '5s' }]
        const spec = { fleet: 'spot', fallbackFleets, capacity: { soft: 10, hard: 10 }, copies: { min, max: 4, warm: 0 }, merge: { minAge: '5s' } }
        return JSON.stringify({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: 'quarry' }, spec })
      }
      await expect(kubectlWith(quarry(1, 'spot'), 'apply', '-f', '-')).rejects.toThrow(/a fleet is named twice/)
      const fleets = async (): Promise<string> => {
        const { copies, servers } = await world.status()
        const open = copies.filter(({ map, state }) => map === 'quarry' && state === 'open')
        return open
          .map(({ server }) => servers.find(({ id }) => id === server)?.fleet)
          .sort()
          .join()
      }
      await kubectlWith(quarry(1, 'overworld'), 'apply', '-f', '-')
      await until('a copy in the fallback', async () => (await fleets()) === 'overworld' || (await fleets()), MINUTE)
      await kubectl('patch', 'fleet', 'spot', '--type=merge', '-p', JSON.stringify({ spec: { replicas: 1 } }))
      await until('a Ready server in the first fleet', async () => ((await get<Fleet>('fleet', 'spot')).status?.readyReplicas ?? 0) === 1, 2 * MINUTE)
      await kubectlWith(quarry(2, 'overworld'), 'apply', '-f', '-')
      await until('a copy in each fleet', async () => (await fleets()) === 'overworld,spot' || (await fleets()), MINUTE)
      await kubectlWith(quarry(0, 'overworld'), 'apply', '-f', '-')
      await until('none left', async () => (await fleets()) === '', 2 * MINUTE)
      await kubectl('delete', 'mp', 'quarry')
      await kubectl('delete', 'fleet', 'spot')
    },
    8 * MINUTE,
  )

  it(
    'a deleted policy exists while people play on its map, through a restart of the orchestrators, and ends when they have left',
    async () => {
      await kubectlWith(arena(1), 'apply', '-f', '-')
      const held = async () => (await world.policies()).find(({ metadata }) => metadata?.name === 'arena')
      const copies = async () => (await world.status()).copies.filter(({ map }) => map === 'arena')
      await until('a copy of the map', async () => (await copies()).some(({ state }) => state === 'open'), 2 * MINUTE)
      {
        await using crowd = new Crowd(world.matchmaker, 'Archer', 2, 'arena')
        await until('all players in the world', () => crowd.online === 2, 2 * MINUTE)
        await kubectl('delete', 'mp', 'arena', '--wait=false')
        const before = (await world.orchestrators()).map(({ pid }) => pid)
        await kubectl('delete', 'pod', '-l', 'app.kubernetes.io/name=strata-orchestrator', '--wait=false')
        const restarted = async () => (await world.orchestrators()).filter(({ pid }) => !before.includes(pid)).length === 2
        await until('two new orchestrators', async () => (await restarted()) && (await world.leader()) !== undefined, 2 * MINUTE)
        // A process that did not know the policy would use its defaults, in the version `removed`.
        const known = async () => (await world.status()).maps.find(({ map }) => map === 'arena')?.policyVersion
        await until('they know the policy', async () => (await known()) === (await held())?.status?.policyVersion, MINUTE)
        await until('the status says so', async () => (await held())?.status?.conditions?.some(({ reason }) => reason === 'Deleted'), MINUTE)
        expect(crowd.online).toBe(2)
        expect(crowd.stats.kicked).toBe(0)
      }
      await until('the object is gone', async () => (await held()) === undefined, 4 * MINUTE)
      expect(await copies()).toEqual([])
    },
    11 * MINUTE,
  )

  it(
    '100 bots enter, more copies open, and they merge when most bots have left',
    async () => {
      const merged = (await world.status()).totals.copiesMerged
      await using few = new Crowd(world.matchmaker, 'Rest', 20, 'forest')
      {
        await using many = new Crowd(world.matchmaker, 'Guest', 80, 'forest')
        await until('all players in the world', () => few.online + many.online === 100, MINUTE)
        await until(
          'several copies',
          async () => (await world.status()).copies.filter(({ map, state }) => map === 'forest' && state === 'open').length >= 3,
          MINUTE,
        )
        expect(many.stats.kicked + few.stats.kicked).toBe(0)
      }
      // Some have crossed the border to another map meanwhile, so the test counts copies per map.
      await until('one copy for the players who stay', async () => (await world.status()).copies.filter(({ map }) => map === 'forest').length === 1, 7 * MINUTE)
      expect((await world.status()).totals.copiesMerged).toBeGreaterThan(merged)
      expect(few.online).toBe(20)
      expect(few.stats.kicked).toBe(0)
    },
    11 * MINUTE,
  )
})
