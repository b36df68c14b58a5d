import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CustomObjectsApi, KubeConfig } from '@kubernetes/client-node'
import { pino } from 'pino'
import { seededRandom } from '../../model/random.ts'
import { AgonesFleets } from '../../orchestrator/cluster/agones/agonesFleets.ts'
import type { AgonesGameServer } from '../../orchestrator/cluster/agones/objects.ts'
import { fleetsContract } from '../contract/fleets.ts'

const namespace = 'default'
const fleets = { group: 'agones.dev', version: 'v1', namespace, plural: 'fleets' }
const gameServers = { ...fleets, plural: 'gameservers' }
const fixture = fileURLToPath(new URL('fixtures/gameServer.ts', import.meta.url))

let count = 0

fleetsContract('Agones', async () => {
  const config = new KubeConfig()
  config.loadFromDefault()
  const objects = config.makeApiClient(CustomObjectsApi)
  const fleet = `contract-${process.pid}-${count++}`
  await objects.createNamespacedCustomObject({ ...fleets, body: manifest(fleet) })
  const adapter = await AgonesFleets.connect({ config, namespace, log: pino({ level: 'silent' }), random: seededRandom(1), sizedBy: 'orchestrator' })
  const own = async (): Promise<AgonesGameServer[]> =>
    (await objects.listNamespacedCustomObject({ ...gameServers, labelSelector: `agones.dev/fleet=${fleet}` })).items
  return {
    fleets: onlyFleet(adapter, fleet),
    fleet,
    kill: async (server) => {
      const object: AgonesGameServer = await objects.getNamespacedCustomObject({ ...gameServers, name: server })
      process.kill(Number(object.metadata?.labels?.['agones.dev/sdk-pid']), 'SIGKILL')
    },
    patienceMs: 60_000,
    [Symbol.asyncDispose]: async () => {
      await adapter[Symbol.asyncDispose]()
      await objects.deleteNamespacedCustomObject({ ...fleets, name: fleet })
      // Allocated servers survive the deletion of their fleet, so each is deleted separately.
      for (const server of await own()) await objects.deleteNamespacedCustomObject({ ...gameServers, name: server.metadata?.name ?? '' }).catch(() => undefined)
      while ((await own()).length > 0) await sleep(200)
    },
  }
})

/** The cluster may contain servers of other fleets; the contract suite sees only this fleet's. */
function onlyFleet(adapter: AgonesFleets, fleet: string): AgonesFleets {
  return new Proxy(adapter, {
    get(target, property) {
      if (property === 'list') return async (signal: AbortSignal) => (await target.list(signal)).filter((server) => server.fleet === fleet)
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function manifest(name: string): Record<string, unknown> {
  return {
    apiVersion: 'agones.dev/v1',
    kind: 'Fleet',
    metadata: { name, namespace },
    spec: {
      replicas: 2,
      scheduling: 'Packed',
      allocationOverflow: { annotations: { 'strata.dev/drain': 'update' } },
      template: {
        spec: {
          container: 'room',
          ports: [{ name: 'ws', portPolicy: 'Passthrough', protocol: 'TCP' }],
          health: { initialDelaySeconds: 5, periodSeconds: 2, failureThreshold: 3 },
          counters: { rooms: { count: 0, capacity: 2 }, players: { count: 0, capacity: 100 } },
          template: { spec: { terminationGracePeriodSeconds: 5, containers: [{ name: 'room', image: 'strata', command: [process.execPath, fixture] }] } },
        },
      },
    },
  }
}
