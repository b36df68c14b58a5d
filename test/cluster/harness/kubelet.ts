import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { V1Pod } from '@kubernetes/client-node'
import { writeKubeconfig } from './controlPlane.ts'
import { Pod, type PodContext } from './pod.ts'

const NODE_CPU = '32'

/** Acts as the kubelet of several nodes on this machine. Pods run as processes, without images and without networks of their own. */
export async function startKubelet(made: Omit<PodContext, 'kubeconfigOf'>, nodes: readonly string[]): Promise<AsyncDisposable> {
  const { api, folder } = made
  for (const name of nodes) await register(made, name)
  const accounts = join(folder, 'accounts')
  for (const place of [accounts, join(folder, 'log')]) mkdirSync(place, { recursive: true })
  let count = 0
  /**
   * Replaces the mounted token, so that RBAC applies to every pod. Each call makes a new token, because an account may have been created again under its name.
   */
  const kubeconfigOf = async (namespace: string, account: string): Promise<string> => {
    const token = await api.tokenFor(namespace, account)
    return writeKubeconfig(join(accounts, `${namespace}.${account}.${count++}`), { ...api.access, token }, namespace)
  }

  const pods = new Map<string, Pod>()
  const context = { ...made, kubeconfigOf }
  const apply = (object: V1Pod): void => {
    const { uid = '', deletionTimestamp, deletionGracePeriodSeconds } = object.metadata ?? {}
    if (!nodes.includes(object.spec?.nodeName ?? '')) return
    const known = pods.get(uid)
    const pod = known ?? new Pod(object, context)
    pods.set(uid, pod)
    if (known === undefined && deletionTimestamp === undefined && object.status?.phase === 'Pending') void pod.start()
    if (deletionTimestamp !== undefined) void pod.terminate((deletionGracePeriodSeconds ?? 30) * 1_000)
  }
  const remove = (uid: string): void => {
    pods.get(uid)?.kill()
    pods.delete(uid)
  }
  const stopping = new AbortController()
  const following = api.follow<V1Pod>(
    '/api/v1/pods',
    {
      sync(objects) {
        const listed = new Set(objects.map(({ metadata }) => metadata?.uid))
        for (const uid of pods.keys()) if (!listed.has(uid)) remove(uid)
        objects.forEach(apply)
      },
      changed: (object, deleted) => (deleted ? remove(object.metadata?.uid ?? '') : apply(object)),
    },
    stopping.signal,
  )
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await following
      for (const pod of pods.values()) pod.kill()
    },
  }
}

async function register({ api }: Pick<PodContext, 'api'>, name: string): Promise<void> {
  const capacity = { cpu: NODE_CPU, memory: '64Gi', pods: '500', 'ephemeral-storage': '100Gi' }
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'topology.kubernetes.io/zone': `zone-${name}` }
  await api.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } })
  const at = new Date().toISOString()
  const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'processes', lastHeartbeatTime: at, lastTransitionTime: at }
  const addresses = [
    { type: 'InternalIP', address: '127.0.0.1' },
    { type: 'Hostname', address: name },
  ]
  await api.merge(`/api/v1/nodes/${name}/status`, { status: { capacity, allocatable: capacity, addresses, conditions: [ready] } })
  // Admission taints a new node until the node life-cycle controller sees it Ready. That controller does not run here.
  await api.merge(`/api/v1/nodes/${name}`, { spec: { taints: null } })
}
