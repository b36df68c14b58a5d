import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Access, Api } from './api.ts'
import type { Pki } from './pki.ts'
import { freePort, type Processes } from './processes.ts'

/** Writes a kubeconfig as JSON, which is valid YAML. */
export function writeKubeconfig(file: string, { server, ca, token }: Access, namespace = 'default'): string {
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'user', namespace } }],
  })
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

export interface ControlPlane {
  api: Api
  kubeconfig: string
  kubectl(args: readonly string[], input?: string): string
  /** Starts the controller manager and the scheduler. Call it after the CRDs exist, because the managers discover new kinds rarely. */
  startManagers(): Promise<void>
  /** Kills the API server and starts it again after `ms`. */
  outage(ms: number): Promise<void>
}

export interface Surroundings {
  processes: Processes
  /** Address at which pods that are containers reach the API server. Without it pods are processes, and it listens on loopback alone. */
  address?: string
}

/** Starts etcd and kube-apiserver as processes. */
export async function startControlPlane(bin: string, folder: string, pki: Pki, { processes, address }: Surroundings): Promise<ControlPlane> {
  const [etcdPort, peerPort, apiPort] = [await freePort(), await freePort(), await freePort()]
  const token = randomBytes(16).toString('hex')
  writeFileSync(pki.file('tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 })
  const access = { server: `https://127.0.0.1:${apiPort}`, ca: pki.ca, token }
  const api = new Api(access)
  const kubeconfig = writeKubeconfig(join(folder, 'kubeconfig'), access)

  const [client, peer] = [`http://127.0.0.1:${etcdPort}`, `http://127.0.0.1:${peerPort}`]
  const etcdListens = [`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`, `--listen-peer-urls=${peer}`]
  const etcdPeers = [`--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`]
  processes.start('etcd', [join(bin, 'etcd'), `--data-dir=${join(folder, 'etcd')}`, '--unsafe-no-fsync', ...etcdListens, ...etcdPeers])

  const serving = pki.issue('apiserver', ['kubernetes', 'kubernetes.default.svc'], address === undefined ? [] : [address])
  const proxy = pki.issue('front-proxy', ['front-proxy'])
  const flags = [
    `--etcd-servers=${client}`,
    `--bind-address=${address === undefined ? '127.0.0.1' : '0.0.0.0'}`,
    `--secure-port=${apiPort}`,
    // Without an address it needs a default route, which an isolated network does not have.
    `--advertise-address=${address ?? '127.0.0.1'}`,
    // The Service `kubernetes` needs an address that pods reach.
    `--endpoint-reconciler-type=${address === undefined ? 'none' : 'lease'}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    // Names of nodes are in no DNS. Only exec, logs and port-forward need a kubelet's address.
    '--kubelet-preferred-address-types=InternalIP',
    `--tls-cert-file=${serving.certificate}`,
    `--tls-private-key-file=${serving.key}`,
    `--client-ca-file=${pki.file('ca.crt')}`,
    `--token-auth-file=${pki.file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${pki.file('sa.pub')}`,
    `--service-account-signing-key-file=${pki.file('sa.key')}`,
    // For the aggregated API of GameServerAllocations.
    `--requestheader-client-ca-file=${pki.file('ca.crt')}`,
    '--requestheader-allowed-names=front-proxy',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${proxy.certificate}`,
    `--proxy-client-key-file=${proxy.key}`,
  ]
  const startApiServer = async (): Promise<void> => {
    processes.start('kube-apiserver', [join(bin, 'kube-apiserver'), ...flags])
    await processes.until('kube-apiserver', async () => (await api.get('/readyz')) === 'ok')
  }
  await startApiServer()

  return {
    api,
    kubeconfig,
    kubectl: (args, input) => {
      const command = [`--kubeconfig=${kubeconfig}`, ...args]
      return execFileSync(join(bin, 'kubectl'), command, { input: input ?? '', stdio: 'pipe', maxBuffer: 1 << 28 }).toString()
    },
    async startManagers() {
      const common = async () => [`--kubeconfig=${kubeconfig}`, '--bind-address=127.0.0.1', `--secure-port=${await freePort()}`, '--leader-elect=false']
      const accounts = ['--use-service-account-credentials', `--service-account-private-key-file=${pki.file('sa.key')}`, `--root-ca-file=${pki.file('ca.crt')}`]
      // Nodes whose pods are processes send no heartbeats, and the node life-cycle controller would mark them as dead.
      const controllers = `--controllers=*${address === undefined ? ',-node-lifecycle-controller' : ''}`
      processes.start('kube-controller-manager', [join(bin, 'kube-controller-manager'), ...(await common()), ...accounts, controllers])
      processes.start('kube-scheduler', [join(bin, 'kube-scheduler'), ...(await common())])
      // Admission refuses pods until the namespace has its default service account.
      await processes.until('kube-controller-manager', async () => (await api.get('/api/v1/namespaces/default/serviceaccounts/default')) !== undefined)
    },
    async outage(ms) {
      await processes.end('kube-apiserver', 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, ms))
      await startApiServer()
    },
  }
}
