import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { port } from '../../service/environment.ts'
import { connectCluster } from '../../service/kubernetes/cluster.ts'
import { LeaseElection } from '../../service/kubernetes/leaseLeadership.ts'
import { PolicyObjects } from '../../service/kubernetes/policyObjects.ts'
import type { Logger } from '../../service/log.ts'
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
  /** PEM files (a mounted Secret): with them, Agones' Webhook FleetAutoscaler is answered, and sizes the fleets. */
  STRATA_WEBHOOK_CERT: z.string().min(1).optional(),
  STRATA_WEBHOOK_KEY: z.string().min(1).optional(),
  STRATA_WEBHOOK_HOST: z.string().min(1).optional(),
  STRATA_WEBHOOK_PORT: port.default(8443),
})

const random = Math.random

/** Policies as objects, servers as Agones' GameServers, the lead by a Lease. `host` is where the admin API listens. */
export async function kubernetesPlatform(settings: z.infer<typeof kubernetesSettings>, host: string, clock: Clock, log: Logger): Promise<Platform> {
  const { config, namespace } = connectCluster(settings.POD_NAMESPACE)
  const { STRATA_WEBHOOK_CERT: certificate, STRATA_WEBHOOK_KEY: key, POD_NAME: instance, STRATA_LEASE: name } = settings
  const autoscaler =
    certificate === undefined || key === undefined
      ? undefined
      : { certificate, key, host: settings.STRATA_WEBHOOK_HOST ?? host, port: settings.STRATA_WEBHOOK_PORT }
  const common = { config, namespace, log }
  await using starting = new AsyncDisposableStack()
  const policies = starting.use(await PolicyObjects.connect({ ...common, random }))
  const fleets = starting.use(await AgonesFleets.connect({ ...common, random, sizedBy: autoscaler === undefined ? 'orchestrator' : 'webhook' }))
  const events = new EventRecorder({ ...common, policies, instance, newId: randomUUID, clock })
  const statuses = new StatusWriter({ ...common, policies, fleets, events, clock })
  log.info({ namespace, instance, autoscaler }, 'orchestrating in a cluster')
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
