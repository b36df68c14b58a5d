import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { Certificate } from '../../service/certificate.ts'
import { port } from '../../service/environment.ts'
import { connectCluster } from '../../service/kubernetes/cluster.ts'
import { LeaseElection } from '../../service/kubernetes/leaseLeadership.ts'
import { PolicyObjects } from '../../service/kubernetes/policyObjects.ts'
import type { Logger } from '../../service/log.ts'
import type { AutoscalerEndpoint } from '../admin/autoscaler.ts'
import { AgonesFleets } from '../cluster/agones/agonesFleets.ts'
import { EventRecorder } from '../policies/eventRecorder.ts'
import { StatusWriter } from '../policies/statusWriter.ts'
import type { Platform } from './platform.ts'

export const kubernetesSettings = z.object({
  /** Where fleets, policies and the Lease are; without it, the namespace of the pod. */
  POD_NAMESPACE: z.string().min(1).optional(),
  /** Who holds the Lease; in a pod the host's name is the pod's. */
  POD_NAME: z.string().min(1).default(hostname()),
  STRATA_LEASE: z.string().min(1).default('strata-orchestrator'),
  /** A folder with tls.crt and tls.key (a mounted Secret): with it, Agones' Webhook FleetAutoscaler is answered, and sizes the fleets. */
  STRATA_WEBHOOK_TLS: z.string().min(1).optional(),
  STRATA_WEBHOOK_HOST: z.string().min(1).optional(),
  STRATA_WEBHOOK_PORT: port.default(8443),
})

const random = Math.random

/** Policies as objects, servers as Agones' GameServers, the lead by a Lease. `host` is where the admin API listens. */
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
  log.info({ namespace, instance, webhook: autoscaler?.port }, 'orchestrating in a cluster')
  const stack = starting.move()
  return {
    fleets,
    policies: () => policies.policies(),
    policyErrors: () => policies.problems(),
    // Two processes with one identity would both take themselves for the holder.
    election: new LeaseElection({ ...common, name, identity: `${instance}_${randomUUID()}`, clock }),
    onDecision: (decision) => events.decided(decision),
    whileLeading: (census, signal) => statuses.run(census, signal),
    ...(autoscaler === undefined ? {} : { autoscaler }),
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
