import { copyFileSync, linkSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { V1Pod } from '@kubernetes/client-node'
import { type ControlPlane, writeKubeconfig } from './controlPlane.ts'
import { dynamicLoaderOf } from './dynamicLoader.ts'
import type { Pki } from './pki.ts'
import type { PodSdk } from './pod.ts'
import { freePort, type Processes } from './processes.ts'

export interface AgonesFiles {
  /** Folder with the binaries `controller`, `extensions` and `sdk-server`. */
  bin: string
  /** The manifest install.yaml of the same Agones release. */
  yaml: string
}

const NAMESPACE = 'agones-system'
const SERVICE = 'agones-controller-service'
const GAME_PORTS = ['7000', '7999'] as const
/** Kinds that are applied from install.yaml. Its Deployments and their Services are left out, because the controllers run as processes. */
const kept = ['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding', 'PodDisruptionBudget', 'PriorityClass']
const redirected = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'APIService']

interface Redirected {
  apiVersion: string
  kind: string
  spec?: Client
  webhooks?: { clientConfig: Client }[]
}
interface Client {
  caBundle?: string
  service: { port?: number }
}

function documents(yaml: string, kinds: readonly string[]): string {
  const all = readFileSync(yaml, 'utf8').split(/^---\s*$/m)
  return all.filter((text) => kinds.includes(/^kind: *(\S+)/m.exec(text)?.[1] ?? '')).join('\n---\n')
}

/**
 * Creates Agones' CRDs before the managers start, because the garbage collector discovers new kinds only every 30 s. Created without validation: they are too
 * big for `kubectl apply`.
 */
export function createAgonesCrds({ yaml }: AgonesFiles, { kubectl }: ControlPlane): void {
  kubectl(['create', '--validate=false', '-f', '-'], documents(yaml, ['CustomResourceDefinition']))
  kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s'])
}

/** Starts Agones' own controllers as processes, under Agones' service account. */
export async function startAgones(
  { bin, yaml }: AgonesFiles,
  folder: string,
  pki: Pki,
  { api, kubectl, processes }: ControlPlane & { processes: Processes },
): Promise<void> {
  await api.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  kubectl(['create', '-f', '-'], documents(yaml, kept))
  const access = { ...api.access, token: await api.tokenFor(NAMESPACE, 'agones-controller') }
  const serving = pki.issue('agones', [`${SERVICE}.${NAMESPACE}.svc`])
  const loader = dynamicLoaderOf(join(bin, 'extensions'))
  if (loader !== undefined)
    throw new Error(`${join(bin, 'extensions')} needs ${loader}, and it runs in a chroot that has no libraries: build Agones with CGO_ENABLED=0`)
  const root = chrootFolder(bin, folder, serving)
  writeKubeconfig(join(root, 'kubeconfig'), access, NAMESPACE)
  const kubeconfig = writeKubeconfig(join(folder, 'agones-controller.kubeconfig'), access, NAMESPACE)
  const [webhook, http] = [await freePort(), await freePort()]
  const common = { POD_NAMESPACE: NAMESPACE, LOG_LEVEL: 'Info', API_SERVER_QPS: '400', API_SERVER_QPS_BURST: '500' }

  // The webhook server reads its certificates from a fixed path and its own state from /proc. It therefore runs in a chroot that contains /proc.
  const enter =
    'mount --rbind /proc "$0/proc" && exec chroot "$0" /extensions --kubeconfig=/kubeconfig --cert-file=/certs/server.crt --key-file=/certs/server.key'
  const asUser = process.getuid?.() === 0 ? [] : ['--map-root-user']
  processes.start(
    'agones-extensions',
    ['unshare', '--mount', ...asUser, 'sh', '-c', `${enter} --cloud-product=generic`, root],
    {
      ...common,
      PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
      POD_NAME: 'agones-extensions',
      CONTAINER_NAME: 'agones-extensions',
      READINESS_SHUTDOWN_DURATION: '0s',
      WEBHOOK_PORT: String(webhook),
      HTTP_PORT: String(http),
      ALLOCATION_BATCH_WAIT_TIME: '500ms',
    },
    { restarts: true },
  )
  processes.start(
    'agones-controller',
    [join(bin, 'controller'), `--kubeconfig=${kubeconfig}`, '--cloud-product=generic'],
    {
      ...common,
      POD_NAME: 'agones-controller',
      CONTAINER_NAME: 'agones-controller',
      LEADER_ELECTION: 'false',
      MIN_PORT: GAME_PORTS[0],
      MAX_PORT: GAME_PORTS[1],
      NUM_WORKERS: '32',
      SIDECAR_IMAGE: 'agones-sdk',
      SIDECAR_CPU_REQUEST: '30m',
      SIDECAR_RUN_AS_USER: '1000',
      SDK_SERVICE_ACCOUNT: 'agones-sdk',
    },
    { restarts: true },
  )

  // Webhooks and the aggregated API refer to a Service. An ExternalName Service leads to loopback without kube-proxy.
  await api.create(`/api/v1/namespaces/${NAMESPACE}/services`, loopbackService(SERVICE, webhook))
  // Registered only after the server responds: the API server retries an unavailable APIService only after seconds.
  await processes.until('agones-extensions', () => processes.text('agones-extensions').includes('https server started'))
  const json = kubectl(['create', '--dry-run=client', '-o', 'json', '-f', '-'], documents(yaml, redirected))
  for (const text of json.trim().split(/\n(?=\{)/)) {
    const object = JSON.parse(text) as Redirected // one of the kinds in `redirected`
    for (const client of [object.spec, ...(object.webhooks ?? []).map(({ clientConfig }) => clientConfig)]) {
      if (client === undefined) continue
      client.caBundle = Buffer.from(pki.ca).toString('base64')
      client.service.port = webhook
    }
    await api.create(`/apis/${object.apiVersion}/${object.kind.toLowerCase()}s`, object)
  }
  const allocations = () => api.get<{ resources: unknown[] }>('/apis/allocation.agones.dev/v1')
  await processes.until('agones-extensions', async () => (await allocations()).resources.length > 0)
  await processes.until('agones-controller', () => processes.text('agones-controller').includes('FleetController'))
}

/** A Service whose name resolves to loopback. */
export function loopbackService(name: string, port: number): Record<string, unknown> {
  const spec = { type: 'ExternalName', externalName: 'localhost', ports: [{ name: 'https', port }] }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec }
}

/** The SDK sidecar of a game server's pod, on ports of its own, because all pods share this machine's network. */
export async function agonesSdk({ bin }: AgonesFiles, pod: V1Pod): Promise<PodSdk | undefined> {
  if (pod.metadata?.labels?.['agones.dev/role'] !== 'gameserver') return undefined
  const [grpc, http, health] = [await freePort(), await freePort(), await freePort()]
  const ports = [`--grpc-port=${grpc}`, `--http-port=${http}`, `--health-port=${health}`, '--address=127.0.0.1']
  return { grpc, http, health, command: (kubeconfig) => [join(bin, 'sdk-server'), ...ports, `--kubeconfig=${kubeconfig}`], async [Symbol.asyncDispose]() {} }
}

function chrootFolder(bin: string, folder: string, { certificate, key }: { certificate: string; key: string }): string {
  const root = join(folder, 'agones-root')
  const place = (source: string, target: string): void => {
    mkdirSync(dirname(join(root, target)), { recursive: true })
    try {
      linkSync(source, join(root, target))
    } catch {
      copyFileSync(source, join(root, target)) // the target is on another file system
    }
  }
  place(join(bin, 'extensions'), 'extensions')
  place(certificate, 'certs/server.crt')
  place(key, 'certs/server.key')
  mkdirSync(join(root, 'proc'), { recursive: true })
  return root
}
