import { KubeConfig } from '@kubernetes/client-node'

/** True in a pod: Kubernetes sets this variable in every container. */
export const inCluster = process.env['KUBERNETES_SERVICE_HOST'] !== undefined

/** Loads the API access: the service account in a pod, otherwise KUBECONFIG or ~/.kube/config. Without `namespace`, the namespace of the context is used. */
export function connectCluster(namespace: string | undefined): { config: KubeConfig; namespace: string } {
  const config = new KubeConfig()
  config.loadFromDefault()
  return { config, namespace: namespace ?? config.getContextObject(config.getCurrentContext())?.namespace ?? 'default' }
}
