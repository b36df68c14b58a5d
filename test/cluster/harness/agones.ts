import { copyFileSync, linkSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { V1Pod } from '@kubernetes/client-node'
import { type ControlPlane, writeKubeconfig } from './controlPlane.ts'
import type { Pki } from './pki.ts'
import type { PodSdk } from './pod.ts'
import { freePort, type Processes } from './processes.ts'

export interface AgonesFiles {
  /** Folder with `controller`, `extensions`, `sdk-server`. */
  bin: string
  /** install/yaml/install.yaml of the same release. */
  yaml: string
}

const NAMESPACE = 'agones-system'
const SERVICE = 'agones-controller-service'
const GAME_PORTS = ['7000', '7999'] as const
/** What its install.yaml would run in containers is left out, with the Services that lead there. */
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

/** Before the managers start: the garbage collector looks for new kinds every 30 s only. Unvalidated, and created: they are too big to be applied. */
export function createAgonesCrds({ yaml }: AgonesFiles, { kubectl }: ControlPlane): void {
  kubectl(['create', '--validate=false', '-f', '-'], documents(yaml, ['CustomResourceDefinition']))
  kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s'])
}

/** Agones' own controllers as processes, under their own service account. */
export async function startAgones(files: AgonesFiles, folder: string, pki: Pki, { api, kubectl }: ControlPlane, processes: Processes): Promise<void> {
  const { bin, yaml } = files
  await api.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  kubectl(['create', '-f', '-'], documents(yaml, kept))
  const access = { ...api.access, token: await api.tokenFor(NAMESPACE, 'agones-controller') }
  const serving = pki.issue('agones', [`${SERVICE}.${NAMESPACE}.svc`])
  const root = jail(bin, folder, serving)
  writeKubeconfig(join(root, 'kubeconfig'), access, NAMESPACE)
  const kubeconfig = writeKubeconfig(join(folder, 'agones-controller.kubeconfig'), access, NAMESPACE)
  const [webhook, http] = [await freePort(), await freePort()]
  const common = { POD_NAMESPACE: NAMESPACE, LOG_LEVEL: 'Info', API_SERVER_QPS: '400', API_SERVER_QPS_BURST: '500' }

  // Its webhook server reads certificates at a path fixed in its code, and asks /proc for its own.
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

  // Webhooks and the aggregated API keep naming a Service; ExternalName leads from there to loopback without kube-proxy.
  await api.create(`/api/v1/namespaces/${NAMESPACE}/services`, loopbackService(SERVICE, webhook))
  // Not before they answer: an APIService that was unavailable once is asked again only seconds later.
  await processes.until('agones-extensions', () => processes.text('agones-extensions').includes('https server started'))
  const json = kubectl(['create', '--dry-run=client', '-o', 'json', '-f', '-'], documents(yaml, redirected))
  for (const text of json.trim().split(/\n(?=\{)/)) {
    const object = JSON.parse(text) as Redirected // of the kinds above
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

/** A Service that leads to this machine. */
export function loopbackService(name: string, port: number): Record<string, unknown> {
  const spec = { type: 'ExternalName', externalName: 'localhost', ports: [{ name: 'https', port }] }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec }
}

/** The sidecar that Agones puts into a game server's pod, on ports of its own: pods here share one network. */
export async function agonesSdk({ bin }: AgonesFiles, pod: V1Pod): Promise<PodSdk | undefined> {
  if (pod.metadata?.labels?.['agones.dev/role'] !== 'gameserver') return undefined
  const [grpc, http, health] = [await freePort(), await freePort(), await freePort()]
  const ports = [`--grpc-port=${grpc}`, `--http-port=${http}`, `--health-port=${health}`, '--address=127.0.0.1']
  return { grpc, http, health, command: (kubeconfig) => [join(bin, 'sdk-server'), ...ports, `--kubeconfig=${kubeconfig}`], async [Symbol.asyncDispose]() {} }
}

function jail(bin: string, folder: string, { certificate, key }: { certificate: string; key: string }): string {
  const root = join(folder, 'agones-root')
  const place = (source: string, target: string): void => {
    mkdirSync(dirname(join(root, target)), { recursive: true })
    try {
      linkSync(source, join(root, target))
    } catch {
      copyFileSync(source, join(root, target)) // another file system
    }
  }
  place(join(bin, 'extensions'), 'extensions')
  place(certificate, 'certs/server.crt')
  place(key, 'certs/server.key')
  mkdirSync(join(root, 'proc'), { recursive: true })
  return root
}
