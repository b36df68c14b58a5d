import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { port } from '../../service/environment.ts'
import { Certificate } from '../../service/keys/certificate.ts'
import { connectCluster } from '../../service/kubernetes/cluster.ts'
import { LeaseElection } from '../../service/kubernetes/leaseLeadership.ts'
import { PolicyObjects } from '../../service/kubernetes/policyObjects.ts'
import type { Logger } from '../../service/log.ts'
import type { AutoscalerEndpoint } from '../admin/autoscaler.ts'
import { AgonesFleets } from '../cluster/agones/agonesFleets.ts'
import { EventRecorder } from '../policies/eventRecorder.ts'
import { PolicyFinalizers } from '../policies/policyFinalizers.ts'
import { policyObjectTexts } from '../policies/policyObjectTexts.ts'
import { StatusWriter } from '../policies/statusWriter.ts'
import type { Platform } from './platform.ts'

export const kubernetesSettings = z.object({
  /** Namespace of fleets, policies and the Lease; by default the namespace of the pod. */
  POD_NAMESPACE: z.string().min(1).optional(),
  /** Identity of this process in the Lease; the host name of a pod is its name. */
  POD_NAME: z.string().min(1).default(hostname()),
  /** Name of the Lease by which the orchestrators elect their leader. */
  STRATA_LEASE: z.string().min(1).default('strata-orchestrator'),
  /** Folder with tls.crt and tls.key (a mounted Secret). When set, the webhook for Agones' FleetAutoscaler is served, and the autoscaler sizes the fleets. */
  STRATA_WEBHOOK_TLS: z.string().min(1).optional(),
  /** Address that the autoscaler webhook listens on; by default HOST. */
  STRATA_WEBHOOK_HOST: z.string().min(1).optional(),
  /** Port of the autoscaler webhook. */
  STRATA_WEBHOOK_PORT: port.default(8443),
})

const random = Math.random

/** A cluster: policies as MapPolicy objects, servers as Agones' GameServers, the leader elected by a Lease. `host`: address of the admin API. */
export async function kubernetesPlatform(settings: z.infer<typeof kubernetesSettings>, host: string, clock: Clock, log: Logger): Promise<Platform> {
  const { config, namespace } = connectCluster(settings.POD_NAMESPACE)
  const { POD_NAME: instance, STRATA_LEASE: name } = settings
  const common = { config, namespace, log }
  await using starting = new AsyncDisposableStack()
  const autoscaler = await autoscalerEndpoint(settings, host, starting, log)
  const policies = starting.use(await PolicyObjects.connect({ ...common, random }))
  const fleets = starting.use(await AgonesFleets.connect({ ...common, random, sizedBy: autoscaler === undefined ? 'orchestrator' : 'webhook' }))
  const events = new EventRecorder({ ...common, policies, instance, newId: randomUUID, clock })
  const statuses = new StatusWriter({ ...common, policies, fleets, events, clock })
  const finalizers = new PolicyFinalizers({ ...common, policies, clock })
  log.info({ namespace, instance, webhook: autoscaler?.port }, 'connected to the cluster')
  const stack = starting.move()
  return {
    fleets,
    policies: () => policies.policies(),
    policyTexts: policyObjectTexts({ config, namespace, policies }),
    removedPolicies: () => policies.deleted(),
    policyErrors: () => policies.problems(),
    // The identity must be unique: two processes with the same identity would both believe that they hold the Lease.
    election: new LeaseElection({ ...common, name, identity: `${instance}_${randomUUID()}`, clock }),
    onDecision: (decision) => events.recordDecision(decision),
    onPolicyHeld: (map, people) => events.recordHeld(map, people),
    whileLeading: async (replica, signal) => {
      await Promise.all([statuses.run(() => replica.census(), signal), finalizers.run(replica, signal)])
    },
    ...defined({ autoscaler }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function autoscalerEndpoint(
  settings: z.infer<typeof kubernetesSettings>,
  host: string,
  starting: AsyncDisposableStack,
  log: Logger,
): Promise<AutoscalerEndpoint | undefined> {
  const { STRATA_WEBHOOK_TLS: folder, STRATA_WEBHOOK_HOST, STRATA_WEBHOOK_PORT } = settings
  if (folder === undefined) return undefined
  return { certificate: starting.use(await Certificate.open(folder, log)), host: STRATA_WEBHOOK_HOST ?? host, port: STRATA_WEBHOOK_PORT }
}
