import { KubeConfig } from '@kubernetes/client-node'

/** Set in every container of a pod. */
export const inCluster = process.env['KUBERNETES_SERVICE_HOST'] !== undefined

/** The service account's access in a pod, else KUBECONFIG or ~/.kube/config; `namespace` is that of the pod, or of the context. */
export function connectCluster(namespace: string | undefined): { config: KubeConfig; namespace: string } {
  const config = new KubeConfig()
  config.loadFromDefault()
  return { config, namespace: namespace ?? config.getContextObject(config.getCurrentContext())?.namespace ?? 'default' }
}
