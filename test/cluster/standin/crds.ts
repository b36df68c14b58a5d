const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

/** A CRD with an open schema. */
export function crd(group: string, kind: string, subresources: Record<string, unknown>, columns: [string, string][] = []): Record<string, unknown> {
  const singular = kind.toLowerCase()
  const names = { kind, listKind: `${kind}List`, singular, plural: `${singular}s` }
  const additionalPrinterColumns = columns.map(([name, jsonPath]) => ({ name, type: 'string', jsonPath }))
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: open }, subresources, additionalPrinterColumns }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${group}` },
    spec: { group, names, scope: 'Namespaced', versions: [version] },
  }
}

const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
/** A PodDisruptionBudget reads the number of a game server's pods through this subresource. */
const one = { specReplicasPath: '.spec.immutableReplicas', statusReplicasPath: '.status.immutableReplicas' }

/** The Agones kinds that Strata uses. The status of a GameServer is not a subresource, so that an allocation is one atomic write. */
export const crds = [
  crd('agones.dev', 'Fleet', { status: {}, scale }, [
    ['Desired', '.spec.replicas'],
    ['Ready', '.status.readyReplicas'],
    ['Allocated', '.status.allocatedReplicas'],
  ]),
  crd('agones.dev', 'GameServer', { scale: one }, [
    ['State', '.status.state'],
    ['Node', '.status.nodeName'],
  ]),
  crd('autoscaling.agones.dev', 'FleetAutoscaler', { status: {} }),
]
